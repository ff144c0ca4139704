import { BinaryWriter as Growing } from '@bufbuild/protobuf/wire';

// A writer of @bufbuild/protobuf begins with no memory and doubles it as it goes: four ArrayBuffers for a leaf of 300 bytes,
// each allocated and swept by itself. That is 16 us of encoding; into memory that is already there it takes 0.8 us.
const SCRATCH_BYTES = 64 * 1024;
/** Larger memory is not kept for the next message. */
const SCRATCH_MAX_BYTES = 1024 * 1024;

/** What the class keeps for itself, in the one version that package.json pins; its test notices when that changes. */
interface Inside {
  buffer: Uint8Array;
  viewCache: DataView;
  pos: number;
  stackPos: number[];
}

const NOTHING = new Uint8Array(0);
const VIEW_OF_NOTHING = new DataView(NOTHING.buffer);
let scratch: Uint8Array = new Uint8Array(SCRATCH_BYTES);
let borrower: BinaryWriter | undefined;

/**
 * The writer of all generated code: writes into memory that is shared by one message after the other, and hands out a Buffer
 * of its own for each. Whoever begins a second message before the first is finished takes the memory over; the first goes on
 * in a copy.
 */
export class BinaryWriter extends Growing {
  constructor() {
    super();
    borrower?.leaveScratch();
    borrower = this;
    this.#inside.buffer = scratch;
  }

  get #inside(): Inside {
    return this as unknown as Inside;
  }

  private leaveScratch(): void {
    const inside = this.#inside;
    inside.buffer = inside.buffer.slice(0, inside.pos);
    inside.viewCache = VIEW_OF_NOTHING;
  }

  /** The bytes that were written; the writer begins anew. */
  override finish(): Buffer<ArrayBuffer> {
    const inside = this.#inside;
    const { buffer, pos } = inside;
    // From Node's pool when small, so without an ArrayBuffer of its own.
    const bytes = Buffer.allocUnsafe(pos);
    bytes.set(buffer.subarray(0, pos));
    if (borrower === this) {
      borrower = undefined;
      if (buffer.length > scratch.length && buffer.length <= SCRATCH_MAX_BYTES) scratch = buffer;
    }
    inside.buffer = NOTHING;
    inside.viewCache = VIEW_OF_NOTHING;
    inside.pos = 0;
    inside.stackPos = [];
    return bytes;
  }
}
