import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import type { Setting, Spec } from '#mesh/config.ts';
import { documents, type Node, render, type Tree } from './kustomize.ts';

const base = fileURLToPath(new URL('../../deploy/k8s/base', import.meta.url));
const repository = new URL('../../', import.meta.url);
const objects = render(base);

/** The map: which process speaks to which, and to which store. */
const edges: Record<string, string[]> = {
  broker: ['permit', 'resident', 'audit', 'redis'],
  permit: ['audit', 'permit-postgres', 'redis'],
  audit: ['audit-postgres', 'redis', 'signer'],
  resident: ['audit', 'resident-postgres'],
  signer: [],
};
const processes = Object.keys(edges);
/** Who remembers something on a volume of its own. */
const memories: Record<string, string> = { signer: 'signer-memory', broker: 'broker memory' };

/** How a process runs: brokers remember apart, so that each needs a volume. */
const workloadOf = (process: string) => (process === 'broker' ? 'StatefulSet' : 'Deployment');

/** Walks into a tree; `undefined` where the path ends early. */
function at(node: Node | undefined, ...path: (string | number)[]): Node | undefined {
  return path.reduce<Node | undefined>((tree, key) => (tree as Record<string | number, Node> | undefined)?.[key], node);
}

function list(node: Node | undefined): Tree[] {
  return (node ?? []) as Tree[];
}

function find(kind: string, name: string): Tree {
  const found = objects.filter((object) => object.kind === kind && at(object, 'metadata', 'name') === name);
  assert.equal(found.length, 1, `${kind} ${name}`);
  return found[0] as Tree;
}

const podOf = (process: string) => at(find(workloadOf(process), process), 'spec', 'template', 'spec') as Tree;
const containerOf = (process: string) => at(podOf(process), 'containers', 0) as Tree;
const policySpec = (name: string) => at(find('NetworkPolicy', name), 'spec') as Tree;
const nameLabel = (selector: Node | undefined) => String(at(selector, 'matchLabels', 'app.kubernetes.io/name'));

/** The names of all pods that the peers of a policy's rules select. */
function peers(rules: Tree[], side: 'from' | 'to'): string[] {
  return rules.flatMap((rule) => list(rule[side]).map((peer) => nameLabel(peer.podSelector)));
}

/** Every setting of a process's own specification, groups included. */
async function settingsOf(process: string): Promise<Setting<unknown>[]> {
  const folder = process === 'broker' ? 'broker' : `services/${process}`;
  const config = (await import(new URL(`${folder}/config.ts`, repository).href)) as Record<string, Spec>;
  const flatten = (spec: Spec): Setting<unknown>[] =>
    Object.values(spec).flatMap((entry) =>
      typeof entry.read === 'function' ? [entry as Setting<unknown>] : flatten(entry as Spec),
    );
  return flatten(config[`${process}Spec`] ?? {});
}

function isRequired({ read }: Setting<unknown>): boolean {
  try {
    read(undefined);
    return false;
  } catch {
    return true;
  }
}

describe('the kustomize base', () => {
  it('is rendered by kubectl, where there is one, as these tests read it', () => {
    if (spawnSync('kubectl', ['version', '--client']).status !== 0) return;
    const byName = (list: Tree[]) => new Map(list.map((o) => [`${o.kind} ${at(o, 'metadata', 'name')}`, o]));
    const rendered = documents(execFileSync('kubectl', ['kustomize', base], { encoding: 'utf8' }));
    assert.deepEqual(byName(rendered), byName(objects));
  });

  it('has the four objects of each process, two general policies and the namespace, and nothing else', () => {
    const kinds = ['Service', 'ServiceAccount', 'NetworkPolicy'];
    const expected = processes.flatMap((process) =>
      [workloadOf(process), ...kinds].map((kind) => `${kind} ${process}`),
    );
    expected.push('NetworkPolicy default-deny', 'NetworkPolicy resolve-names', 'Namespace rangkiang');
    const found = objects.map((object) => `${object.kind} ${at(object, 'metadata', 'name')}`);
    assert.deepEqual(found.toSorted(), expected.toSorted());
  });

  it('lets nothing speak to anything by default, and demands the restricted pod standard', () => {
    assert.deepEqual(policySpec('default-deny'), { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const labels = at(find('Namespace', 'rangkiang'), 'metadata', 'labels');
    assert.equal(at(labels, 'pod-security.kubernetes.io/enforce'), 'restricted');
  });

  it('opens only port 53 of the name service to all', () => {
    const { ingress, egress } = policySpec('resolve-names');
    assert.equal(ingress, undefined);
    assert.deepEqual(
      list(egress).map((rule) => list(rule.ports).map(({ port }) => port)),
      [[53, 53]],
    );
    assert.equal(at(egress, 0, 'to', 0, 'podSelector', 'matchLabels', 'k8s-app'), 'kube-dns');
  });

  for (const process of processes) {
    describe(process, () => {
      it('reaches exactly its neighbours on the map', () => {
        const policy = policySpec(process);
        assert.equal(nameLabel(policy.podSelector), process);
        assert.deepEqual(policy.policyTypes, ['Ingress', 'Egress']);
        assert.deepEqual(peers(list(policy.egress), 'to').toSorted(), edges[process]?.toSorted());
      });

      it('is reached exactly by its neighbours on the map, the broker by everybody', () => {
        const ingress = list(policySpec(process).ingress);
        if (process === 'broker') return assert.deepEqual(ingress, [{ ports: [{ port: 8443 }] }]);
        const callers = processes.filter((caller) => edges[caller]?.includes(process));
        assert.deepEqual(peers(ingress, 'from').toSorted(), callers.toSorted());
      });

      it('opens and uses only the ports of gRPC, Postgres and Redis', () => {
        const { ingress, egress } = policySpec(process);
        for (const rule of [...list(ingress), ...list(egress)]) {
          // The log over HTTPS, for whoever checks it; and the witness, which stands elsewhere.
          if (process === 'audit' && rule.from === undefined && rule.to === undefined) {
            const port = list(ingress).includes(rule) ? 8444 : 443;
            assert.deepEqual(rule.ports, [{ port }]);
            continue;
          }
          const ports = list(rule.ports).map(({ port }) => Number(port));
          assert.equal(ports.length, 1);
          const peer = peers([rule], rule.to === undefined ? 'from' : 'to')[0] ?? '';
          const expected = peer.endsWith('-postgres') ? 5432 : peer === 'redis' ? 6379 : 8443;
          assert.deepEqual(ports, [expected]);
        }
      });

      it('runs its own entry point, which exists, behind its own service and account', () => {
        const [entry] = containerOf(process).args as string[];
        assert.ok(existsSync(new URL(String(entry), repository)), `${entry} does not exist`);
        assert.equal(podOf(process).serviceAccountName, process);
        assert.equal(at(find('Service', process), 'spec', 'selector', 'app.kubernetes.io/name'), process);
        assert.equal(at(find('Service', process), 'spec', 'ports', 0, 'port'), 8443);
        assert.equal(
          at(find(workloadOf(process), process), 'spec', 'template', 'metadata', 'labels', 'app.kubernetes.io/name'),
          process,
        );
      });

      it('runs as nobody, with nothing to write to but a memory of its own, and no way up', () => {
        const pod = podOf(process);
        assert.equal(pod.automountServiceAccountToken, false);
        assert.equal(at(pod, 'securityContext', 'runAsNonRoot'), true);
        assert.ok(Number(at(pod, 'securityContext', 'runAsUser')) >= 10_000);
        assert.equal(at(pod, 'securityContext', 'seccompProfile', 'type'), 'RuntimeDefault');
        assert.deepEqual(containerOf(process).securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      });

      it('is probed over gRPC on the health port, and bounded', () => {
        const container = containerOf(process);
        for (const probe of ['startupProbe', 'readinessProbe'])
          assert.equal(at(container, probe, 'grpc', 'port'), 8081);
        for (const bound of ['requests', 'limits']) {
          for (const resource of ['cpu', 'memory']) assert.ok(at(container, 'resources', bound, resource));
        }
        assert.ok(Number(podOf(process).terminationGracePeriodSeconds) > 10, 'a drain lasts up to 10 s');
      });

      it('has its certificate and every other file that it is told to read from a read-only mount', () => {
        const mounts = list(containerOf(process).volumeMounts);
        const volumes = new Map(list(podOf(process).volumes).map((volume) => [volume.name, volume]));
        const claims = list(at(find(workloadOf(process), process), 'spec', 'volumeClaimTemplates'));
        const own = claims.map((claim) => at(claim, 'metadata', 'name'));
        for (const name of own)
          volumes.set(name as string, { persistentVolumeClaim: { claimName: `${process} ${name}` } });
        assert.equal(at(volumes.get('tls'), 'secret', 'secretName'), `${process}-tls`);
        for (const mount of mounts) {
          const claim = at(volumes.get(mount.name as string), 'persistentVolumeClaim', 'claimName');
          assert.equal(claim, mount.readOnly === true ? undefined : memories[process]);
          assert.ok(volumes.has(String(mount.name)), `volume ${mount.name}`);
        }
        for (const { name, value } of list(containerOf(process).env)) {
          if (typeof value !== 'string' || !value.startsWith('/')) continue;
          assert.ok(
            mounts.some(({ mountPath }) => value.startsWith(`${mountPath}/`)),
            `${name} lies in no mount`,
          );
        }
      });

      it('is told all that it must know, and nothing that it does not read', async () => {
        const settings = await settingsOf(process);
        const told = list(containerOf(process).env).map(({ name }) => String(name));
        const required = settings.filter(isRequired).map(({ variable }) => variable);
        assert.deepEqual(told.toSorted(), required.toSorted());
      });

      it('takes no secret from the manifest itself', () => {
        for (const { name, value, valueFrom } of list(containerOf(process).env)) {
          const secret = /_URL$/.test(String(name));
          assert.equal(valueFrom !== undefined, secret, String(name));
          assert.equal(value === undefined, secret, String(name));
        }
      });

      it('names only neighbours as addresses', () => {
        for (const { value } of list(containerOf(process).env)) {
          const host = /^([a-z-]+):8443$/.exec(String(value))?.[1];
          if (host !== undefined) assert.ok(edges[process]?.includes(host), `${process} -> ${host}`);
        }
      });
    });
  }
});
