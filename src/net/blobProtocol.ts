/** Request/response by CID: docs/reference/messages.md. */
export const blobProtocol = '/assay/blob/1';
/** Length of a request: the binary CID. */
export const blobRequestBytes = 36;
/** Status, then the length as 4 bytes big-endian. */
export const blobHeaderBytes = 5;
export const blobStatus = { found: 0, notFound: 1, busy: 2, malformed: 3 } as const;
/** Largest blob that is served or fetched. */
export const maxBlobBytes = 64 * 1024 * 1024;
