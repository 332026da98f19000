/**
 * The library: what a program that integrates Assay needs.
 *
 * @module
 */
export { blobId } from './commitment/blobId.ts';
export {
  batchSeedOf,
  checkpointId,
  circuitId,
  contextOf,
  maskId,
  modelId,
  proofHash,
  type Shape,
  specId,
  statementHash,
  submissionId,
} from './commitment/ids.ts';
export { createKzg, type Kzg, type Point, type Weights } from './commitment/kzg.ts';
export { batchIndex, buildTree, leafDigest, type MerkleTree, rootFromPath } from './commitment/merkle.ts';
export { type OpenWindowParameters, openWindow } from './commitment/opening.ts';
export { loadPoseidon2, type Poseidon2 } from './commitment/poseidon2.ts';
export { readSrs, type Srs } from './commitment/srs.ts';
export { type OpeningVerdict, type VerifyOpeningParameters, verifyOpening } from './commitment/verifyOpening.ts';
export { decodeDatasetBlob, encodeDatasetBlob } from './data/blob.ts';
export type { Dataset } from './data/dataset.ts';
export { type ImportedDataset, type ImportOptions, importDataset } from './data/import-dataset.ts';
export { type LoadMnistOptions, loadMnist } from './data/load-mnist.ts';
export type { Minibatch } from './data/minibatch.ts';
export { type CutOptions, cutMinibatches, datasetTree, type MinibatchSet, minibatchAt } from './data/minibatch-set.ts';
export { AssayError, type AssayErrorOptions, exitCodes, walkCauses } from './errors.ts';
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './model/checkpoint.ts';
export { exportOnnx } from './model/export-onnx.ts';
export { genesisWeights } from './model/genesis.ts';
export { type EnsureSrsParameters, ensureSrs } from './proof/ceremony.ts';
export { type CircuitInstance, getCircuit, listCircuits } from './proof/circuitInstance.ts';
export { decodeProofFile, encodeProofFile, type ProofFile } from './proof/proofFile.ts';
export { type ProveWindowParameters, type ProveWindowReturnType, proveWindow, type WindowProof } from './proof/proveWindow.ts';
export { type VerifyWindowParameters, type VerifyWindowReturnType, verifyWindow } from './proof/verifyWindow.ts';
export { type WindowBounds, windowBounds } from './quant/bounds.ts';
export { type ArithmeticSpec, assertSpec, defaultSpec, weightBits } from './quant/spec.ts';
export type { Engine, StepResult } from './train/engine.ts';
export { referenceStep } from './train/reference.ts';
export { createReferenceEngine } from './train/reference-engine.ts';
export { trainWindow, type WindowResult } from './train/window.ts';
