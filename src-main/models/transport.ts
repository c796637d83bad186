/** One request for a file or a part of it: redirects are not followed, nothing is unpacked, bytes go where they are wanted. */
import { createConnections } from './connections.ts';
import { createNodeClient } from './node-client.ts';

/** Takes the bytes of a body as they come, into memory of its own. */
export interface Sink {
  /** Where the next bytes are to be put; never empty. */
  space(): Buffer;
  /** So many were put there. With a promise, nothing more comes until it resolves. */
  took(bytes: number): Promise<void> | undefined;
}

export interface TransportAnswer {
  readonly status: number;
  /** `name` in lower case. */
  header(name: string): string | null;
  /** The body, to its end. Rejects when the connection breaks before it, and with what the sink rejects. */
  receive(sink: Sink): Promise<void>;
  /** Ends it; what is left of the body is not read. */
  cancel(): void;
}

export interface TransportRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Transport {
  /** Rejects with what the system says when there is no connection, or `signal`'s reason. */
  get(url: string, request: TransportRequest): Promise<TransportAnswer>;
  close(): void;
}

/**
 * Bodies of a known length are read in large pieces into memory that is used again and again; Node's client, which makes
 * objects of every 64 KB, costs several times the processor time. It is there for whatever else a server answers with.
 */
export function createTransport(): Transport {
  const connections = createConnections();
  const client = createNodeClient();
  return {
    async get(url, request) {
      const answer = await connections.get(url, request);
      const hasBody = answer.status === 200 || answer.status === 206;
      if (!hasBody || answer.lengthBytes !== null) return answer;
      answer.cancel();
      return await client.get(url, request);
    },
    close() {
      connections.close();
      client.close();
    },
  };
}

/** For bytes that lie elsewhere already. */
export async function pourInto(sink: Sink, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.byteLength > 0) {
    const space = sink.space();
    const part = rest.subarray(0, space.length);
    space.set(part);
    rest = rest.subarray(part.byteLength);
    const pause = sink.took(part.byteLength);
    if (pause !== undefined) await pause;
  }
}
