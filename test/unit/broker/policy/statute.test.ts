import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { methods } from '#mesh/contract.ts';
import { decide } from '../../../../broker/policy/decide.ts';
import { readOpdCodes } from '../../../../broker/policy/opd-codes.ts';
import { purposeByName } from '../../../../broker/policy/purposes.ts';
import { checkStatute, statuteGrants } from '../../../../broker/policy/statute.ts';
import { at, noon, requestOf, statuteOnly } from '../../../support/policy.ts';

/** Written by hand from the law, method by method: which callers without a permit reach it, and how far. */
const expected: Record<string, string[]> = {
  'PERIZINAN PermitService/SubmitApplication': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PERIZINAN PermitService/GetApplication': ['DKK OWN', 'DISDUKCAPIL ALL', 'WALIKOTA ALL'],
  'PERIZINAN PermitService/ListApplications': ['DKK OWN', 'DISDUKCAPIL ALL', 'WALIKOTA ALL'],
  'PERIZINAN PermitService/IssuePermit': ['WALIKOTA ALL'],
  'PERIZINAN PermitService/RejectApplication': ['WALIKOTA ALL'],
  'PERIZINAN PermitService/RevokePermit': ['WALIKOTA ALL'],
  'PERIZINAN PermitService/ReviewApplication': ['DISDUKCAPIL ALL'],
  'PERIZINAN PermitService/ResubmitApplication': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PERIZINAN PermitService/RecordApproval': ['DISDUKCAPIL ALL'],
  'PERIZINAN PermitService/SuspendPermit': ['WALIKOTA ALL'],
  'PERIZINAN SigningKeyService/ListSigningKeys': ['WALIKOTA ALL', 'SECURITY ALL'],
  'PERIZINAN SigningKeyService/OrderSigningKey': ['WALIKOTA ALL'],
  'PERIZINAN PermitService/ActivatePermit': ['WALIKOTA ALL'],
  'PERIZINAN PermitService/ReinstatePermit': ['WALIKOTA ALL'],
  'PERIZINAN PermitService/RenewPermit': ['WALIKOTA ALL'],
  'PERIZINAN PermitService/GetPermit': ['DKK OWN', 'DISDUKCAPIL ALL', 'WALIKOTA ALL', 'SECURITY ALL'],
  'PERIZINAN PermitService/ListPermits': ['DKK OWN', 'DISDUKCAPIL ALL', 'WALIKOTA ALL', 'SECURITY ALL'],
  'PERIZINAN DutyService/HandIn': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PERIZINAN DutyService/ReviewHandIn': ['DISDUKCAPIL ALL'],
  'PERIZINAN DutyService/ListDuties': ['DKK OWN', 'DISDUKCAPIL ALL', 'WALIKOTA ALL', 'SECURITY ALL'],
  'PERIZINAN DecisionService/Explain': ['DKK OWN', 'DISDUKCAPIL ALL', 'WALIKOTA ALL', 'SECURITY ALL'],
  'PERIZINAN DecisionService/CheckAccess': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PERIZINAN DecisionService/ListEffective': ['DKK OWN', 'DISDUKCAPIL ALL', 'WALIKOTA ALL', 'SECURITY ALL'],
  'PERIZINAN DecisionService/Simulate': ['DISDUKCAPIL ALL', 'WALIKOTA ALL'],
  'ADMINISTRASI_KEPENDUDUKAN RegistryService/ImportResidents': ['DISDUKCAPIL ALL'],
  'ADMINISTRASI_KEPENDUDUKAN RegistryService/GetRegistryStatistics': ['DISDUKCAPIL ALL'],
  'ADMINISTRASI_KEPENDUDUKAN SubjectService/ListAccessesAtCounter': ['DISDUKCAPIL ALL'],
  'ADMINISTRASI_KEPENDUDUKAN SubjectService/EraseSubject': ['DISDUKCAPIL ALL'],
  'ADMINISTRASI_KEPENDUDUKAN AuditService/PruneRecords': ['DISDUKCAPIL ALL'],
  'ADMINISTRASI_KEPENDUDUKAN SubjectService/OpenObjection': ['DISDUKCAPIL ALL'],
  'ADMINISTRASI_KEPENDUDUKAN SubjectService/ListObjections': ['DISDUKCAPIL ALL'],
  'ADMINISTRASI_KEPENDUDUKAN SubjectService/CloseObjection': ['DISDUKCAPIL ALL'],
  'PENGAWASAN SubjectService/ListBreached': ['SECURITY ALL'],
  'PENGAWASAN DirectiveService/Freeze': ['WALIKOTA ALL', 'SECURITY ALL'],
  'PENGAWASAN DirectiveService/ListDirectives': ['WALIKOTA ALL', 'SECURITY ALL'],
  'PENGAWASAN DirectiveService/Lift': ['WALIKOTA ALL'],
  'PENGAWASAN EmergencyService/ActivateEmergency': ['WALIKOTA ALL', 'SECURITY ALL'],
  'PENGAWASAN EmergencyService/ReviewEmergency': ['WALIKOTA ALL', 'SECURITY ALL'],
  'PENGAWASAN EmergencyService/ListEmergencies': ['WALIKOTA ALL', 'SECURITY ALL'],
  'PERIZINAN OperatorService/RegisterOperatorKeys': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PERIZINAN OperatorService/WithdrawOperatorKeys': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PERIZINAN OperatorService/WithdrawOperator': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PERIZINAN OperatorService/ListOperators': ['DKK OWN', 'DISDUKCAPIL OWN'],
  'PENGAWASAN DecisionService/Replay': ['SECURITY ALL'],
  'PENGAWASAN AlertService/ListAlerts': ['SECURITY ALL'],
  'PENGAWASAN AlertService/AcknowledgeAlert': ['SECURITY ALL'],
  'PENGAWASAN AuditService/ListRecords': ['SECURITY ALL'],
  'PENGAWASAN AuditService/GetRecord': ['SECURITY ALL'],
  'PENGAWASAN AuditService/WatchRecords': ['SECURITY ALL'],
  'PENGAWASAN ProofService/GetInclusionProof': ['SECURITY ALL'],
  'PENGAWASAN ProofService/GetConsistencyProof': ['SECURITY ALL'],
  'PENGAWASAN ProofService/CheckStored': ['SECURITY ALL'],
};
const callers = ['DKK', 'DISDUKCAPIL', 'WALIKOTA', 'SECURITY'];

describe('statute', () => {
  it('grants to each caller what the table says, under that purpose and no other', () => {
    const found: Record<string, string[]> = {};
    for (const opd of callers) {
      for (const { path } of methods.values()) {
        for (const purpose of purposeByName.keys()) {
          const decision = decide(statuteOnly, requestOf({ opd, unit: 'PUSAT', method: path, purpose }), at(noon));
          if (!decision.allowed) continue;
          const scope = statuteGrants(opd, readOpdCodes()).find((grant) => grant.method === path)?.scope;
          const key = `${purpose} ${path.split('.').at(-1)}`;
          found[key] = [...(found[key] ?? []), `${opd} ${scope}`];
        }
      }
    }
    assert.deepEqual(found, expected);
  });

  it('gives a permit to nobody and rows of residents to nobody', () => {
    const disclosing = [...methods.values()].filter((method) => method.policy.auditClass === 'DISCLOSURE');
    for (const opd of statuteOnly.opds.keys()) {
      const grants = statuteGrants(opd, readOpdCodes());
      assert(grants.every((grant) => !disclosing.some((method) => method.path === grant.method)));
    }
  });

  it('lets offices act through their head unit only, and every unit of an OPD apply', () => {
    const ask = (opd: string, unit: string, name: string) =>
      decide(
        statuteOnly,
        requestOf({ opd, unit, method: `/rangkiang.permit.v1.PermitService/${name}`, purpose: 'PERIZINAN' }),
        at(noon),
      );
    assert.equal(ask('WALIKOTA', 'PUSAT', 'IssuePermit').allowed, true);
    assert.deepEqual(ask('WALIKOTA', 'AJUDAN', 'IssuePermit'), {
      allowed: false,
      reason: 'UNIT_NOT_GRANTED',
      permit: 'STATUTE',
    });
    assert.equal(ask('DKK', 'PKM-PAUH', 'SubmitApplication').allowed, true);
  });

  it("lets only an OPD's head unit keep the keys and withdrawals that bind all of its units", () => {
    const ask = (unit: string, name: string) =>
      decide(
        statuteOnly,
        requestOf({ unit, method: `/rangkiang.permit.v1.OperatorService/${name}`, purpose: 'PERIZINAN' }),
        at(noon),
      );
    for (const name of ['RegisterOperatorKeys', 'WithdrawOperatorKeys', 'WithdrawOperator', 'ListOperators']) {
      assert.equal(ask('PUSAT', name).allowed, true);
      const { allowed, ...refused } = ask('PKM-PAUH', name);
      assert.deepEqual([allowed, refused], [false, { reason: 'UNIT_NOT_GRANTED', permit: 'STATUTE' }]);
    }
  });

  it('gives nothing to an OPD that is not registered', () => {
    assert.deepEqual(statuteGrants('DKKX', readOpdCodes()), []);
    const decision = decide(statuteOnly, requestOf({ opd: 'DKKX', purpose: 'PERIZINAN' }), at(noon));
    assert.equal(decision.allowed || decision.reason, 'OPD_UNKNOWN');
  });
});

describe('checkStatute', () => {
  it('finds rules and contract in agreement', () => checkStatute(methods));

  it('names a rule without a method, and a method without a rule', () => {
    const renamed = new Map([...methods].map(([path, method]) => [path.replace('RevokePermit', 'RevokeX'), method]));
    assert.throws(() => checkStatute(renamed), /RevokePermit is no method of PERIZINAN/);
    const more = new Map(methods);
    const [known] = [...methods.values()].filter((method) => method.name === 'RevokePermit');
    assert(known);
    more.set('/x.v1.X/Y', { ...known, path: '/x.v1.X/Y' });
    assert.throws(() => checkStatute(more), /\/x\.v1\.X\/Y has no statute rule/);
  });
});

describe('readOpdCodes', () => {
  it('reads the 49 OPD', () => {
    const codes = readOpdCodes();
    assert.equal(codes.size, 49);
    assert(codes.has('DKK') && codes.has('DISDUKCAPIL') && !codes.has('WALIKOTA'));
  });
});
