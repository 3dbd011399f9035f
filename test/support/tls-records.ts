// SPDX-License-Identifier: Apache-2.0
/**
 * TLS records out of a stream of bytes (RFC 8446 section 5.1, RFC 5246 section 6.2.1).
 *
 * @module
 */

const HEADER = 5;
const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
const SERVER_HELLO = 2;

/** A record. */
export interface TlsRecord {
    /** The content type. */
    type: number;
    version: number;
    /** The length in its header. */
    length: number;
    /** The whole record with its header. */
    bytes: Buffer;
    /** What the header is followed by. */
    content: Buffer;
    /** True for a handshake record that is not encrypted. */
    isPlainHandshake: boolean;
    /** The types of the handshake messages that begin in it; empty where they are encrypted. */
    messages: number[];
    /** True when a handshake message that is not encrypted ends where it ends. */
    endsMessage: boolean;
}

/** Makes a record with that content; the length in its header may be a lie. */
export function makeRecord(
    type: number,
    content: Uint8Array,
    version = 0x0303,
    length = content.length,
): Buffer {
    const header = [type, version >> 8, version & 255, length >> 8, length & 255];
    return Buffer.concat([Buffer.from(header), content]);
}

/** Cuts one direction of a connection into records. */
export class RecordReader {
    private buffered: Buffer = Buffer.alloc(0);
    private isEncrypted = false;
    /** The bytes of a handshake message that are still to come. */
    private pending = 0;
    /** The beginning of a message header that the last record ended in. */
    private header: Buffer = Buffer.alloc(0);

    /** Takes bytes; returns the records that are whole now. */
    read(bytes: Buffer): TlsRecord[] {
        this.buffered = Buffer.concat([this.buffered, bytes]);
        const records: TlsRecord[] = [];
        while (this.buffered.length >= HEADER) {
            const end = HEADER + this.buffered.readUInt16BE(3);
            if (this.buffered.length < end) {
                break;
            }
            records.push(this.describe(this.buffered.subarray(0, end)));
            this.buffered = this.buffered.subarray(end);
        }
        return records;
    }

    /** Takes out the bytes that have not become a record. */
    rest(): Buffer {
        const rest = this.buffered;
        this.buffered = Buffer.alloc(0);
        return rest;
    }

    private describe(bytes: Buffer): TlsRecord {
        const type = bytes.readUInt8(0);
        const content = bytes.subarray(HEADER);
        const isPlainHandshake = type === HANDSHAKE && (!this.isEncrypted || isHello(content));
        const messages = isPlainHandshake ? this.messageTypes(content) : [];
        if (type === CHANGE_CIPHER_SPEC) {
            this.isEncrypted = true;
        }
        return {
            type,
            version: bytes.readUInt16BE(1),
            length: bytes.readUInt16BE(3),
            bytes,
            content,
            isPlainHandshake,
            messages,
            endsMessage: isPlainHandshake && this.pending === 0 && this.header.length === 0,
        };
    }

    /** Follows the messages over the borders of records. */
    private messageTypes(content: Buffer): number[] {
        const types: number[] = [];
        let rest = content;
        while (rest.length > 0) {
            if (this.pending > 0) {
                const taken = Math.min(this.pending, rest.length);
                this.pending -= taken;
                rest = rest.subarray(taken);
                continue;
            }
            if (this.header.length === 0) {
                types.push(rest.readUInt8(0));
            }
            const missing = 4 - this.header.length;
            this.header = Buffer.concat([this.header, rest.subarray(0, missing)]);
            rest = rest.subarray(missing);
            if (this.header.length === 4) {
                this.pending = this.header.readUIntBE(1, 3);
                this.header = Buffer.alloc(0);
            }
        }
        return types;
    }
}

/**
 * TLS 1.3 sends a ChangeCipherSpec that changes nothing; a hello may still follow it after a
 * HelloRetryRequest (RFC 8446 section D.4).
 */
function isHello(content: Buffer): boolean {
    return (
        content.length > 4 &&
        content.readUInt8(0) <= SERVER_HELLO &&
        content.readUInt8(0) > 0 &&
        content.readUIntBE(1, 3) === content.length - 4
    );
}
