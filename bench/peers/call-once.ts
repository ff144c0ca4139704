import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { Target } from '../load/connection.ts';

const same = (bytes: Buffer): Buffer => bytes;

/** Sends one of a target's requests with a usual client; answers the message. For what is to be looked at, not timed. */
export async function callOnce(target: Target, body: number): Promise<Buffer> {
  const { ca, cert, key } = target.tls;
  const tls = credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert));
  const client = new Client(target.address, tls, { 'grpc.ssl_target_name_override': 'localhost' });
  const metadata = new Metadata();
  for (const [name, value] of target.metadata) metadata.set(name, value);
  const request = Buffer.from(target.bodies[body] ?? '', 'base64');
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(target.path, same, same, request, metadata, (error, answer) => {
        if (error) reject(error);
        else resolve(answer ?? Buffer.alloc(0));
      });
    });
  } finally {
    client.close();
  }
}
