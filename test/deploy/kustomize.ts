import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

/** A Kubernetes object, or a part of one. */
export type Tree = { [key: string]: Node };
/** What YAML holds. */
export type Node = string | number | boolean | null | Tree | Node[];

interface Kustomization {
  apiVersion: string;
  kind: string;
  resources: string[];
  namespace: string;
  patches: { path: string; target: { kind: string } }[];
  labels: { pairs: Record<string, string> }[];
  images: { name: string; newTag: string }[];
}

/**
 * Renders the base as `kubectl kustomize` does, as far as the base goes: resources, strategic merge patches by kind,
 * namespace, labels and image tags. So the rules are tested also where there is no kubectl; where there is one, a
 * test compares the two.
 */
export function render(directory: string): Tree[] {
  const read = (file: string) => readFileSync(join(directory, file), 'utf8');
  const kustomization = parse(read('kustomization.yaml')) as Kustomization;
  const objects = kustomization.resources.flatMap((file) => documents(read(file)));
  return objects.map((object) => {
    const patches = kustomization.patches.filter(({ target }) => target.kind === object.kind);
    const merged = patches.reduce((tree, { path }) => {
      // A patch with a target takes the names that it has itself for nothing.
      const { spec = {} } = parse(read(path)) as Tree;
      return merge(tree, { spec }) as Tree;
    }, object);
    const namespace: Tree = object.kind === 'Namespace' ? {} : { namespace: kustomization.namespace };
    const labels: Tree = Object.assign({}, ...kustomization.labels.map(({ pairs }) => pairs));
    return withTags(merge(merged, { metadata: { ...namespace, labels } }), kustomization.images) as Tree;
  });
}

/** Parses a file of several YAML documents. */
export function documents(text: string): Tree[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Tree);
}

function isTree(node: Node | undefined): node is Tree {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

const nameOf = (node: Node) => (isTree(node) ? node.name : undefined);

/** A strategic merge: maps by key, lists of named items by name, anything else is replaced. */
function merge(base: Node | undefined, patch: Node): Node {
  if (isTree(base) && isTree(patch)) {
    const entries = Object.entries(patch).map(([key, value]) => [key, merge(base[key], value)] as const);
    return { ...base, ...Object.fromEntries(entries) };
  }
  if (Array.isArray(base) && Array.isArray(patch) && patch.every((item) => nameOf(item) !== undefined)) {
    const names = new Set([...patch, ...base].map(nameOf));
    return [...names].map((name) => {
      const [ours, theirs] = [base, patch].map((list) => list.find((item) => nameOf(item) === name));
      return theirs === undefined ? (ours ?? null) : merge(ours, theirs);
    });
  }
  return patch;
}

function withTags(node: Node, images: Kustomization['images']): Node {
  if (Array.isArray(node)) return node.map((item) => withTags(item, images));
  if (!isTree(node)) return node;
  const entries = Object.entries(node).map(([key, value]) => {
    const image = key === 'image' ? images.find(({ name }) => name === value) : undefined;
    return [key, image === undefined ? withTags(value, images) : `${image.name}:${image.newTag}`] as const;
  });
  return Object.fromEntries(entries);
}
