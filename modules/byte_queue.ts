// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes that wait, in the pieces that they came in.
 *
 * @module
 */

/** A queue of pieces, taken off from the front by the byte. */
export class ByteQueue {
    /** Bytes in all. */
    size = 0;
    /** How many bytes of the first piece are gone. */
    at = 0;
    /** The pieces, the first one first. @internal */
    _pieces: (string | Uint8Array)[] = [];

    /** Appends a piece, which must not change any more. */
    push(piece: string | Uint8Array): void {
        this._pieces.push(piece);
        this.size += piece.length;
    }

    /** Takes bytes off the first piece, at most what is left of it. */
    take(bytes: number): void {
        this.at += bytes;
        this.size -= bytes;
        if (this.at === (this._pieces[0] as string | Uint8Array).length) {
            this._pieces.shift();
            this.at = 0;
        }
    }
}
