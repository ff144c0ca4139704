import { readFileSync } from 'node:fs';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';

// The bare echo, in a process of its own: what grpc-js costs at the least for one unary call over mTLS, with no
// decoding and no thought. It answers every call of the one method with the same bytes.

const [path = '', answerBytes = '0', ca = '', cert = '', key = ''] = process.argv.slice(2);
const answer = Buffer.alloc(Number(answerBytes), 7);
const same = (bytes: Buffer): Buffer => bytes;

const server = new Server();
const echo: handleUnaryCall<Buffer, Buffer> = (_call, callback) => callback(null, answer);
server.register(path, echo, same, same, 'unary');
const credentials = ServerCredentials.createSsl(
  readFileSync(ca),
  [{ cert_chain: readFileSync(cert), private_key: readFileSync(key) }],
  true,
);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error !== null) throw error;
  process.send?.(`127.0.0.1:${port}`);
});
process.on('disconnect', () => process.exit(0));
