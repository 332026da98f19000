/** What a certificate is about. */
export type CertificateKind = 'counts' | 'answer' | 'lineage' | 'membership';

const dev = 'Under the dev ceremony, whose secret is published, anybody can forge every proof here.';
const inUse =
  'Another model may be in use. What is proved is of the committed checkpoint; that it gave an answer needs an inference proof of that answer.';
const poison = 'The training data may be poisoned: a model can answer an audit well and answer chosen inputs wrongly.';

/** What an honest proof still permits, kind by kind: part of every certificate, in these words. */
export const permits: { readonly [Kind in CertificateKind]: readonly string[] } = {
  counts: [
    'The counts are of this audit set and of no other data. Whether the set is like the data that the model will meet is not proved.',
    'Nothing says that the model was not trained on the set, or on samples that were chosen to do well on it.',
    poison,
    inUse,
    'A hidden model can be committed anew under another id. Audits of its other commitments are not seen to be of the same model: look at all audits of the set.',
    'An audit that was not opened on a chain before it was proved does not show how many attempts there were, nor that the set was fixed first.',
    'Of an audit of the whole set, attempts beforehand are not seen: the owner of a model can count for itself and open one audit of the model that does best. A draw limits that.',
    'A public block draws chunks by its hash, which its proposer can influence a little by giving up a block.',
    'Labels and groups are those that the owner of the set committed; that they are right is not proved.',
    'The id of a set does not say how many features a sample has, or how wide they are: a circuit of another cut may read the same leaves as other samples. The file of the set says it.',
    'A set whose salts are 0 is public. A salted one is hidden as long as its salts are.',
    dev,
  ],
  answer: [
    'An answer that is proved to be given is not proved to be right.',
    'It is the answer to the features that are committed. That these are of the thing that they are said to be of, well scaled, is not proved.',
    'A model that is asked often can be learnt from its answers.',
    'Where the certificate opens no input, its commitment hides the features only as long as its salt is hidden.',
    'A hidden model can be committed anew under another id, and its owner can choose which of its commitments to show.',
    'Whoever asked should have chosen the nonce, or a proof that was made for somebody else may be shown again.',
    dev,
  ],
  lineage: [
    'Every window is training as the circuit describes it, on leaves of the data set of its job. That the data are good, lawful or free of poison is not proved.',
    'Nothing is said of how the first checkpoint came to be: it may have been trained on other data before.',
    'That each context is that of a lease, and each batch seed that of a block, only the chain shows.',
    'Other children of the same parent may have been trained and thrown away.',
    'That a model is a descendant says nothing about what it answers.',
    dev,
  ],
  membership: [
    'That the set contains the record says nothing of a model: what was trained on this root, and on which of its leaves, is for the proofs of windows to say.',
    'A record is one sample and its label, to the bit. The same sample scaled, cropped or labelled otherwise is another record.',
    'How often the set contains it is not said, and there is no proof that a set does not contain a record.',
    'That the record is genuine, or came into the set rightly, is not proved.',
    'A root does not say how its set is cut: a circuit of another cut may read the same leaves as other records, put together from parts of those in it. Compare features and minibatches with those of the set.',
    'A record without a salt, or one whose salt is known, is found by whoever can guess its features. The circuit tells the size of minibatches and the depth of the tree.',
    'Whoever asked should have chosen the nonce, or a proof that was made for somebody else may be shown again.',
    dev,
  ],
};
