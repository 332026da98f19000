/**
 * The library: what a program that integrates Assay needs.
 *
 * @module
 */

export type { AnswerCertificate } from './audit/answer/answerCertificate.ts';
export { type MakeAnswerCertificateParameters, makeAnswerCertificate } from './audit/answer/makeAnswerCertificate.ts';
export { type Certificate, certificateSchema } from './audit/certificate.ts';
export { type AuditCounts, type Claim, claimContradiction, claimProblem, type Rate, reliabilityOf } from './audit/claims.ts';
export { checkRegistry, type RegistryFindings } from './audit/counts/checkRegistry.ts';
export type { CountsCertificate } from './audit/counts/countsCertificate.ts';
export { type MakeCountsCertificateParameters, makeCountsCertificate } from './audit/counts/makeCountsCertificate.ts';
export { decodeCertificate, encodeCertificate, encodeCertificateCbor } from './audit/encodeCertificate.ts';
export type { LineageCertificate } from './audit/lineage/lineageCertificate.ts';
export { type MakeLineageCertificateParameters, makeLineageCertificate } from './audit/lineage/makeLineageCertificate.ts';
export { type MakeMembershipCertificateParameters, makeMembershipCertificate } from './audit/membership/makeMembershipCertificate.ts';
export type { MembershipCertificate } from './audit/membership/membershipCertificate.ts';
export { type PublishCertificateReturnType, publishCertificate } from './audit/publishCertificate.ts';
export type { VerifyCertificateReturnType, VerifyKindParameters } from './audit/verdict.ts';
export { verifyCertificate } from './audit/verifyCertificate.ts';
export { addInputs, type JobInput } from './chain/addInputs.ts';
export { type Anvil, devnetAccount, type StartAnvilParameters, startAnvil } from './chain/anvil.ts';
export type { Sent } from './chain/call.ts';
export { cancelJob } from './chain/cancelJob.ts';
export { cancelProposal } from './chain/cancelProposal.ts';
export { captureSeed } from './chain/captureSeed.ts';
export { type CastVoteParameters, castVote } from './chain/castVote.ts';
export { type ClaimParameters, claim } from './chain/claim.ts';
export { claimAudit } from './chain/claimAudit.ts';
export { claimMany } from './chain/claimMany.ts';
export { closeJob } from './chain/closeJob.ts';
export { collectDebt } from './chain/collectDebt.ts';
export { type CommitAttestationParameters, commitAttestation } from './chain/commitAttestation.ts';
export { type CommitEvidenceParameters, commitEvidence } from './chain/commitEvidence.ts';
export { type ChainReader, type ChainWriter, type ConnectChainParameters, connectChain, devnetChainIds } from './chain/connectChain.ts';
export { delegateVotes } from './chain/delegateVotes.ts';
export { type DemandProofReturnType, demandProof } from './chain/demandProof.ts';
export { deployCode } from './chain/deployCode.ts';
export { type DeployContractsParameters, deployContracts } from './chain/deployContracts.ts';
export {
  assertDeployment,
  type Deployment,
  type DeploymentModule,
  parseDeployment,
  readDeployment,
  writeDeployment,
} from './chain/deployment.ts';
export { deployVerifier } from './chain/deployVerifier.ts';
export { deregisterNode } from './chain/deregisterNode.ts';
export { type DisputeAuditParameters, disputeAudit } from './chain/disputeAudit.ts';
export { type DrawAuditReturnType, drawAudit } from './chain/drawAudit.ts';
export { enrolValidator } from './chain/enrolValidator.ts';
export { ensureAllowance } from './chain/ensureAllowance.ts';
export { executeProposal } from './chain/executeProposal.ts';
export { expireLease } from './chain/expireLease.ts';
export { type ExposeDigestParameters, exposeDigest } from './chain/exposeDigest.ts';
export { finalize } from './chain/finalize.ts';
export { windowVerifierDeployedBytecode } from './chain/generated/WindowVerifier.ts';
export { getAnswer } from './chain/getAnswer.ts';
export { type FinalizedAnswer, getAnswers } from './chain/getAnswers.ts';
export { type AuditRecord, type AuditState, getAudit } from './chain/getAudit.ts';
export { type AuditClaim, type AuditClaimRecord, getAuditClaims } from './chain/getAuditClaims.ts';
export { getAuditCounts } from './chain/getAuditCounts.ts';
export { getAuditSet } from './chain/getAuditSet.ts';
export { getAuditSetBlock } from './chain/getAuditSetBlock.ts';
export { type AuditTally, getAuditTally } from './chain/getAuditTally.ts';
export { type Circuit as RegisteredCircuit, getCircuit as getRegisteredCircuit } from './chain/getCircuit.ts';
export { getCircuitNamed } from './chain/getCircuitNamed.ts';
export { getClaimable } from './chain/getClaimable.ts';
export { getCommittedBlock } from './chain/getCommittedBlock.ts';
export { type DatasetRecord, getDataset } from './chain/getDataset.ts';
export { type DebtRecord, getDebt } from './chain/getDebt.ts';
export { type Demand, getDemand } from './chain/getDemand.ts';
export { getDemandBond } from './chain/getDemandBond.ts';
export { getDrawn } from './chain/getDrawn.ts';
export { type Emission, getEmission } from './chain/getEmission.ts';
export { getEscrow } from './chain/getEscrow.ts';
export { type ChainEvent, type GetEventsParameters, getEvents } from './chain/getEvents.ts';
export { getFinalHead } from './chain/getFinalHead.ts';
export { type FinalUnit, getFinalUnits, type Merge } from './chain/getFinalUnits.ts';
export { getGenesis } from './chain/getGenesis.ts';
export { type Governance, getGovernance } from './chain/getGovernance.ts';
export { getHead } from './chain/getHead.ts';
export { getHotKeyOwner } from './chain/getHotKeyOwner.ts';
export { getInput } from './chain/getInput.ts';
export { getInputCount } from './chain/getInputCount.ts';
export { getInputs } from './chain/getInputs.ts';
export { getJob, type Job, type JobState, type JobStatement } from './chain/getJob.ts';
export { getJobCount } from './chain/getJobCount.ts';
export { getLapses } from './chain/getLapses.ts';
export { getLease, type LeaseRecord, type LeaseState } from './chain/getLease.ts';
export { getLiabilities } from './chain/getLiabilities.ts';
export { getLicenceFor } from './chain/getLicenceFor.ts';
export { getLicenceHash } from './chain/getLicenceHash.ts';
export { type FinalizedWindow, getLineage, type Lineage } from './chain/getLineage.ts';
export { getNode, type NodeRecord } from './chain/getNode.ts';
export { getOperatorFor } from './chain/getOperatorFor.ts';
export { getOwed } from './chain/getOwed.ts';
export { getParameters, type Parameters } from './chain/getParameters.ts';
export { getPendingUnits } from './chain/getPendingUnits.ts';
export { getProgress, type Progress } from './chain/getProgress.ts';
export { getProposal, type ProposalRecord } from './chain/getProposal.ts';
export { getProvedSegments } from './chain/getProvedSegments.ts';
export { getProvenance, type Provenance } from './chain/getProvenance.ts';
export { type GenesisRecord, getRegistrations } from './chain/getRegistrations.ts';
export { getReputation, type Reputation } from './chain/getReputation.ts';
export { getSeat, type Seat, type SeatState } from './chain/getSeat.ts';
export { getSlot, type Slot } from './chain/getSlot.ts';
export { getStake, type StakeRecord } from './chain/getStake.ts';
export { getStatement } from './chain/getStatement.ts';
export { getSubmission, type SubmissionRecord } from './chain/getSubmission.ts';
export { getSubmissionAt } from './chain/getSubmissionAt.ts';
export { getTokenBalance } from './chain/getTokenBalance.ts';
export { getTotalStake } from './chain/getTotalStake.ts';
export { getTotalWeight } from './chain/getTotalWeight.ts';
export { getUnbondingBlocks } from './chain/getUnbondingBlocks.ts';
export { getVotes, type Votes } from './chain/getVotes.ts';
export { getWeight } from './chain/getWeight.ts';
export { type GovernedChange, governedCall } from './chain/governedCall.ts';
export { type IndexEventsParameters, indexEvents } from './chain/indexEvents.ts';
export { type IndexReader, indexReader, type Page, type PageQuery } from './chain/indexReader.ts';
export type { IndexStorage } from './chain/indexStorage.ts';
export { isCertified } from './chain/isCertified.ts';
export { isCommitted } from './chain/isCommitted.ts';
export { isModel } from './chain/isModel.ts';
export { isSlashed } from './chain/isSlashed.ts';
export { isStart } from './chain/isStart.ts';
export { isWellFormed } from './chain/isWellFormed.ts';
export { type LeaseReturnType, lease } from './chain/lease.ts';
export { type ListAuditsParameters, listAudits } from './chain/listAudits.ts';
export { type ListJobsParameters, listJobs } from './chain/listJobs.ts';
export { type MergeParameters, merge } from './chain/merge.ts';
export { nameCircuit } from './chain/nameCircuit.ts';
export { type AuditQuestion, type OpenAuditReturnType, openAudit } from './chain/openAudit.ts';
export { type InferenceTerms, openInferenceJob } from './chain/openInferenceJob.ts';
export { type JobTerms, openJob, type PaymentTerms } from './chain/openJob.ts';
export { openJobWithPermit } from './chain/openJobWithPermit.ts';
export { pauseJob } from './chain/pauseJob.ts';
export { pauseNewJobs } from './chain/pauseNewJobs.ts';
export type { GovernedCall, Proposal } from './chain/proposal.ts';
export { type ProposeReturnType, propose } from './chain/propose.ts';
export { type ProveAuditChunkParameters, proveAuditChunk } from './chain/proveAuditChunk.ts';
export { proveWellFormed } from './chain/proveWellFormed.ts';
export { queueProposal } from './chain/queueProposal.ts';
export { rebond } from './chain/rebond.ts';
export { recoverAnnouncement } from './chain/recoverAnnouncement.ts';
export { refundUnseeded } from './chain/refundUnseeded.ts';
export { registerAuditSet } from './chain/registerAuditSet.ts';
export { registerCircuit } from './chain/registerCircuit.ts';
export { type RegisterDatasetParameters, registerDataset } from './chain/registerDataset.ts';
export { registerGenesis } from './chain/registerGenesis.ts';
export { type RegisterModelParameters, registerModel } from './chain/registerModel.ts';
export { type RegisterNodeParameters, registerNode } from './chain/registerNode.ts';
export { releaseLease } from './chain/releaseLease.ts';
export { requireUse } from './chain/requireUse.ts';
export { resumeJob } from './chain/resumeJob.ts';
export { retireValidator } from './chain/retireValidator.ts';
export { type RevealAttestationParameters, revealAttestation } from './chain/revealAttestation.ts';
export { revokeDataset } from './chain/revokeDataset.ts';
export { setEmissionBps } from './chain/setEmissionBps.ts';
export { setGasPrice } from './chain/setGasPrice.ts';
export { type SettleParameters, type SettleReturnType, settle } from './chain/settle.ts';
export { type SeatOutcome, settleSeat } from './chain/settleSeat.ts';
export { signAnnouncement } from './chain/signAnnouncement.ts';
export { type Permit, type SignPermitParameters, signPermit } from './chain/signPermit.ts';
export { type SignedStatement, type SlashByEquivocationParameters, slashByEquivocation } from './chain/slashByEquivocation.ts';
export { type SlashByEvidenceParameters, slashByEvidence } from './chain/slashByEvidence.ts';
export { slashWithheld } from './chain/slashWithheld.ts';
export { stake } from './chain/stake.ts';
export { stakeWithPermit } from './chain/stakeWithPermit.ts';
export { type SubmitParameters, submit } from './chain/submit.ts';
export { type SubmitAndSettleParameters, type SubmitAndSettleReturnType, submitAndSettle } from './chain/submitAndSettle.ts';
export { type Reorg, type SyncIndexParameters, syncIndex } from './chain/syncIndex.ts';
export { transferToken } from './chain/transferToken.ts';
export { unbond } from './chain/unbond.ts';
export { unjail } from './chain/unjail.ts';
export { verifyByRouter } from './chain/verifyByRouter.ts';
export { waitForBlock } from './chain/waitForBlock.ts';
export { waitForReceipt } from './chain/waitForReceipt.ts';
export { type WatchEventsParameters, watchEvents } from './chain/watchEvents.ts';
export { withdrawOwed } from './chain/withdrawOwed.ts';
export { withdrawStake } from './chain/withdrawStake.ts';
export { blobId } from './commitment/blobId.ts';
export {
  decodeAuditShape,
  decodeInferenceShape,
  decodeMembershipShape,
  decodeShape,
  decodeWellFormedShape,
} from './commitment/decodeShape.ts';
export {
  type AuditShape,
  batchSeedOf,
  checkpointId,
  circuitId,
  contextOf,
  type InferenceShape,
  inputIdOf,
  type MembershipShape,
  type ModelShape,
  maskId,
  modelId,
  proofHash,
  type Shape,
  type StatementName,
  specId,
  statementHash,
  submissionId,
  type WellFormedShape,
  type WindowContext,
} from './commitment/ids.ts';
export { createKzg, type Kzg, type Point, type Weights } from './commitment/kzg.ts';
export { batchIndex, buildTree, leafDigest, type MerkleTree, recordDigest, rootFromPath } from './commitment/merkle.ts';
export { type OpenWindowParameters, openWindow } from './commitment/opening.ts';
export { loadPoseidon2, type Poseidon2 } from './commitment/poseidon2.ts';
export { decodePresentation, encodePresentation, type Presentation, presentationContext } from './commitment/presentation.ts';
export { readSrs, type Srs } from './commitment/srs.ts';
export { type OpeningVerdict, type VerifyOpeningParameters, verifyOpening } from './commitment/verifyOpening.ts';
export { type AuditSet, type CutAuditSetOptions, cutAuditSet } from './data/auditSet.ts';
export { decodeAuditSet, encodeAuditSet } from './data/auditSetBlob.ts';
export type { Dataset } from './data/dataset.ts';
export { decodeDatasetBlob, encodeDatasetBlob } from './data/datasetBlob.ts';
export { type ImportedDataset, type ImportOptions, importDataset } from './data/importDataset.ts';
export { type LoadMnistOptions, loadMnist } from './data/loadMnist.ts';
export type { Minibatch } from './data/minibatch.ts';
export { type CutOptions, cutMinibatches, datasetTree, type MinibatchSet, minibatchAt } from './data/minibatchSet.ts';
export { type Perturbation, perturbSamples } from './data/perturbSamples.ts';
export { recordAt } from './data/recordAt.ts';
export { decodeRecordFile, encodeRecordFile, type OpenedRecord } from './data/recordFile.ts';
export { AssayError, type AssayErrorOptions, exitCodes, walkCauses } from './errors.ts';
export type {
  AuditsQuery,
  CheckpointsQuery,
  EventsQuery,
  Explorer,
  JobsQuery,
  LineageQuery,
  Paging,
  ProofsQuery,
  SeatsQuery,
  SlashesQuery,
} from './explorer/explorer.ts';
export { type ExplorerApp, type ExplorerAppParameters, explorerApp } from './explorer/http/explorerApp.ts';
export { type ServedExplorer, type ServeExplorerParameters, serveExplorer } from './explorer/http/serveExplorer.ts';
export { type OpenExplorerParameters, openExplorer } from './explorer/openExplorer.ts';
export type {
  AuditRow,
  AuditView,
  CheckpointRow,
  CheckpointView,
  CircuitView,
  CurveView,
  EventRow,
  JobRow,
  JobView,
  LineageView,
  MetricsView,
  NodeRow,
  NodeView,
  PageView,
  ProofRow,
  ProofView,
  RecomputeView,
  SearchView,
  SeatView,
  SlashRow,
  StatusView,
  StoredVerdict,
  TransactionView,
  WindowRow,
  WindowView,
} from './explorer/views.ts';
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './model/checkpoint.ts';
export { exportOnnx } from './model/exportOnnx.ts';
export { type FloatModel, runFloatModel } from './model/floatModel.ts';
export { genesisWeights } from './model/genesis.ts';
export { importOnnx } from './model/importOnnx.ts';
export { type ModelFolder, type ModelInput, readModelFolder, writeModelFolder } from './model/modelFolder.ts';
export { compareModels, type ModelComparison, type ModelSamples, type QuantisedModel, quantiseModel } from './model/quantise.ts';
export { peerIdOfKey } from './net/createNetNode.ts';
export { peerIdBytes } from './net/peerIdBytes.ts';
export { findJobCircuit } from './node/findJobCircuit.ts';
export { type FindCircuitParameters, findCircuit } from './node/jobMaterial.ts';
export { createKey, listKeys, unlockKey } from './node/keys.ts';
export { type Archive, type OpenArchiveParameters, openArchive } from './node/openArchive.ts';
export type { RoleSettings } from './node/openRole.ts';
export { loadPeerKey } from './node/peerKey.ts';
export type { Emit, RoleEvent } from './node/roleEvent.ts';
export { type JobOrder, type RunRequesterParameters, type RunRequesterReturnType, runRequester } from './node/runRequester.ts';
export { type RunValidatorParameters, type RunValidatorReturnType, runValidator } from './node/runValidator.ts';
export { type RunWorkerParameters, type RunWorkerReturnType, runWorker } from './node/runWorker.ts';
export { type VerifyLineageParameters, type VerifyLineageReturnType, verifyLineage } from './node/verifyLineage.ts';
export { type FoundProof, readProof, type VerifySubmissionParameters, verifySubmission } from './node/verifySubmission.ts';
export { openWindowJob, type WindowJob } from './node/windowJob.ts';
export { type WindowStepsParameters, type WindowStepsReturnType, windowSteps } from './node/windowSteps.ts';
export { type EnsureSrsParameters, ensureSrs } from './proof/ceremony.ts';
export { circuitIdOf } from './proof/circuitIdOf.ts';
export {
  type CircuitInstance,
  getCircuit,
  getWindowCircuit,
  type InferenceInstance,
  listCircuits,
  listWindowCircuits,
  type MembershipInstance,
  type WellFormedInstance,
  type WindowInstance,
} from './proof/circuitInstance.ts';
export { buildMembershipArtifacts, type MembershipArtifacts } from './proof/membership/artifacts.ts';
export { type FindMembershipCircuitParameters, findMembershipCircuit } from './proof/membership/findMembershipCircuit.ts';
export { membershipInstanceOf } from './proof/membership/membershipInstanceOf.ts';
export { opensRecord } from './proof/membership/opensRecord.ts';
export { type ProveMembershipParameters, type ProveMembershipReturnType, proveMembership } from './proof/membership/proveMembership.ts';
export { decodeProofFile, encodeProofFile, type ProofFile } from './proof/proofFile.ts';
export { type ProveWindowParameters, type ProveWindowReturnType, proveWindow, type WindowProof } from './proof/proveWindow.ts';
export { createUltraHonk, type UltraHonk } from './proof/ultrahonk.ts';
export { type VerifyProofParameters, type VerifyProofReturnType, verifyProof } from './proof/verifyProof.ts';
export { type BuildWindowArtifactsParameters, buildWindowArtifacts, type WindowArtifacts } from './proof/windowArtifacts.ts';
export { type WindowBounds, windowBounds } from './quant/bounds.ts';
export { firstLargest, forwardPass, type LayerForward } from './quant/forwardPass.ts';
export { type ArithmeticSpec, assertSpec, defaultSpec, weightBits } from './quant/spec.ts';
export { type ChainIndex, openChainIndex } from './store/chainIndex.ts';
export { classify } from './train/classify.ts';
export { createOnnxEngine, type OnnxEngineOptions } from './train/createOnnxEngine.ts';
export { createReferenceEngine } from './train/createReferenceEngine.ts';
export type { Engine, StepResult } from './train/engine.ts';
export { type Evaluation, evaluate } from './train/evaluate.ts';
export { referenceStep } from './train/referenceStep.ts';
export { trainWindow, type WindowResult } from './train/trainWindow.ts';
