import { auditAnswer } from './audit/answer.ts';
import { auditDispute } from './audit/dispute.ts';
import { auditLineage } from './audit/lineage.ts';
import { auditList } from './audit/list.ts';
import { auditMembership } from './audit/membership.ts';
import { auditPlan } from './audit/plan.ts';
import { auditProve } from './audit/prove.ts';
import { auditPublish } from './audit/publish.ts';
import { auditSet } from './audit/set.ts';
import { auditShow } from './audit/show.ts';
import { auditVerify } from './audit/verify.ts';
import { ceremonyContribute } from './ceremony/contribute.ts';
import { ceremonyStatus } from './ceremony/status.ts';
import { ceremonyVerify } from './ceremony/verify.ts';
import { checkpointExport } from './checkpoint/export.ts';
import { checkpointLineage } from './checkpoint/lineage.ts';
import { checkpointShow } from './checkpoint/show.ts';
import { circuitBuild } from './circuit/build.ts';
import { circuitExportVerifier } from './circuit/exportVerifier.ts';
import { circuitInfo } from './circuit/info.ts';
import { circuitList } from './circuit/list.ts';
import { circuitSetup } from './circuit/setup.ts';
import { createCompletion } from './completion/completion.ts';
import { configShow } from './config/show.ts';
import { datasetImport } from './dataset/import.ts';
import { datasetShow } from './dataset/show.ts';
import { demo } from './demo/demo.ts';
import { deploy } from './deploy/deploy.ts';
import { devnetFund } from './devnet/fund.ts';
import { devnetUp } from './devnet/up.ts';
import { doctor } from './doctor/doctor.ts';
import { exploreAudit } from './explore/audit.ts';
import { exploreCheckpoint } from './explore/checkpoint.ts';
import { explore } from './explore/explore.ts';
import { exploreJob } from './explore/job.ts';
import { exploreMetrics } from './explore/metrics.ts';
import { exploreNode } from './explore/node.ts';
import { exploreProof } from './explore/proof.ts';
import { exploreSearch } from './explore/search.ts';
import { exploreTransaction } from './explore/tx.ts';
import { exploreWatch } from './explore/watch.ts';
import { exploreWindow } from './explore/window.ts';
import { explorerServe } from './explorer/serve.ts';
import type { AnyCommand } from './framework/command.ts';
import type { Group } from './framework/program.ts';
import { inferProve } from './infer/prove.ts';
import { inferVerify } from './infer/verify.ts';
import { jobAsk } from './job/ask.ts';
import { jobCancel } from './job/cancel.ts';
import { jobClose } from './job/close.ts';
import { jobCreate } from './job/create.ts';
import { jobEstimate } from './job/estimate.ts';
import { jobFinalize } from './job/finalize.ts';
import { jobList } from './job/list.ts';
import { jobPause } from './job/pause.ts';
import { jobResult } from './job/result.ts';
import { jobResume } from './job/resume.ts';
import { jobServe } from './job/serve.ts';
import { jobShow } from './job/show.ts';
import { keyList } from './key/list.ts';
import { keyNew } from './key/new.ts';
import { modelExport } from './model/export.ts';
import { modelFromCheckpoint } from './model/fromCheckpoint.ts';
import { modelImport } from './model/import.ts';
import { modelPublish } from './model/publish.ts';
import { modelShow } from './model/show.ts';
import { modelWellFormed } from './model/wellFormed.ts';
import { rewardsClaim } from './rewards/claim.ts';
import { rewardsShow } from './rewards/show.ts';
import { stakeAdd } from './stake/add.ts';
import { stakeRebond } from './stake/rebond.ts';
import { stakeShow } from './stake/show.ts';
import { stakeUnbond } from './stake/unbond.ts';
import { stakeUnjail } from './stake/unjail.ts';
import { stakeWithdraw } from './stake/withdraw.ts';
import { validatorEnrol } from './validator/enrol.ts';
import { validatorRegister } from './validator/register.ts';
import { validatorRetire } from './validator/retire.ts';
import { validatorRun } from './validator/run.ts';
import { verify } from './verify/verify.ts';
import { windowExport } from './window/export.ts';
import { workerRegister } from './worker/register.ts';
import { workerRun } from './worker/run.ts';

/** The nouns, in the order of `--help`. */
export const groups: readonly Group[] = [
  { name: 'key', summary: 'keys that sign and pay' },
  { name: 'dataset', summary: 'make and look at committed data sets' },
  { name: 'job', summary: 'jobs that train or answer' },
  { name: 'worker', summary: 'train or answer, prove and be paid' },
  { name: 'validator', summary: 'check what workers announce' },
  { name: 'stake', summary: 'what stands behind work: add, take out, return after a slash' },
  { name: 'rewards', summary: 'what was earned' },
  { name: 'checkpoint', summary: 'weights: what they are, where they come from' },
  { name: 'model', summary: 'models to prove answers with: import, export, look at' },
  { name: 'infer', summary: "a model's answers, proved" },
  { name: 'audit', summary: 'facts about a model that stays private, proved over a committed set' },
  { name: 'window', summary: 'one window of training' },
  { name: 'explore', summary: 'what happened on a deployment: jobs, windows, proofs, operators, audits' },
  { name: 'explorer', summary: 'the same in a browser, and over HTTP' },
  { name: 'circuit', summary: 'circuits: what they cost, compiled, with keys and verifiers' },
  { name: 'ceremony', summary: 'who can forge: SRS, powers of tau, phase 2' },
  { name: 'devnet', summary: 'a chain of your own' },
  { name: 'config', summary: 'settings and where they come from' },
];

/** Every command. */
export const commands: readonly AnyCommand[] = [
  demo,
  doctor,
  devnetUp,
  devnetFund,
  deploy,
  keyNew,
  keyList,
  datasetImport,
  datasetShow,
  jobEstimate,
  jobCreate,
  jobAsk,
  jobServe,
  jobList,
  jobShow,
  jobResult,
  jobPause,
  jobResume,
  jobCancel,
  jobClose,
  jobFinalize,
  workerRegister,
  workerRun,
  validatorRegister,
  validatorEnrol,
  validatorRetire,
  validatorRun,
  stakeShow,
  stakeAdd,
  stakeUnbond,
  stakeRebond,
  stakeWithdraw,
  stakeUnjail,
  rewardsShow,
  rewardsClaim,
  verify,
  checkpointShow,
  checkpointLineage,
  checkpointExport,
  modelImport,
  modelFromCheckpoint,
  modelExport,
  modelShow,
  modelWellFormed,
  modelPublish,
  inferProve,
  inferVerify,
  auditSet,
  auditPlan,
  auditProve,
  auditMembership,
  auditVerify,
  auditAnswer,
  auditLineage,
  auditPublish,
  auditList,
  auditShow,
  auditDispute,
  windowExport,
  explore,
  exploreJob,
  exploreWindow,
  exploreProof,
  exploreNode,
  exploreCheckpoint,
  exploreAudit,
  exploreTransaction,
  exploreSearch,
  exploreMetrics,
  exploreWatch,
  explorerServe,
  circuitList,
  circuitInfo,
  circuitBuild,
  circuitSetup,
  circuitExportVerifier,
  ceremonyStatus,
  ceremonyContribute,
  ceremonyVerify,
  configShow,
  createCompletion(() => commands),
];
