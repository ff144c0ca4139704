/** Largest frame: far below grpc-js's 4 MiB, so that one message can never kill everybody's calls. */
export const FRAME_BYTES = 256 * 1024;
/** Largest body of a carried call; larger ones go as ordinary gRPC. */
export const BODY_BYTES = 64 * 1024;
/** Taken off the time that is left at each hop, so that the caller still hears a status from us (boulder's figure). */
export const HOP_MS = 20;
