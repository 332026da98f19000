/** What an honest proof still permits: part of every certificate, in these words. */
export const permits: readonly string[] = [
  'The counts are of this audit set and of no other data. Whether the set is like the data that the model will meet is not proved.',
  'Nothing says that the model was not trained on the set, or on samples that were chosen to do well on it.',
  'The training data may be poisoned: a model can answer an audit well and answer chosen inputs wrongly.',
  'Another model may be in use. What is proved is of the committed checkpoint; that it gave an answer needs an inference proof of that answer.',
  'A hidden model can be committed anew under another id. Audits of its other commitments are not seen to be of the same model: look at all audits of the set.',
  'An audit that was not opened on a chain before it was proved does not show how many attempts there were, nor that the set was fixed first.',
  'A public block draws chunks by its hash, which its proposer can influence a little by giving up a block.',
  'Labels and groups are those that the owner of the set committed; that they are right is not proved.',
  'A set whose salts are 0 is public. A salted one is hidden as long as its salts are.',
  'Under the dev ceremony, whose secret is published, anybody can forge every proof here.',
];
