/** What a signed document that was verified before says, as JSON. Verifies nothing. */
export function payloadOf(jws: string): unknown {
  const [, payload = ''] = jws.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}
