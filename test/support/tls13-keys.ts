// SPDX-License-Identifier: Apache-2.0
/**
 * The records of a TLS 1.3 server, opened and sealed anew with the keys that it has logged: to have
 * it say what no server says, or say it in other pieces. For TLS_AES_128_GCM_SHA256 only.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import type { Edit } from "./proxy.ts";
import { makeRecord } from "./tls-records.ts";

/** What the server has to be restricted to. */
export const SUITE = "TLS_AES_128_GCM_SHA256";

const TAG = 16;
const HANDSHAKE = 22;
const FINISHED = 20;

/** HKDF-Expand-Label without context, one block: RFC 8446 section 7.1. */
function expand(secret: Buffer, label: string, length: number): Buffer {
    const name = Buffer.from(`tls13 ${label}`);
    const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)]);
    return createHmac("sha256", secret).update(info).digest().subarray(0, length);
}

/** The keys of one direction for a time, and how many records they have opened and sealed. */
export class Keys {
    private readonly secret: Buffer;
    private readonly key: Buffer;
    private readonly iv: Buffer;
    private opened = 0;
    private sealed = 0;

    constructor(secret: Buffer) {
        this.secret = secret;
        this.key = expand(secret, "key", 16);
        this.iv = expand(secret, "iv", 12);
    }

    /** Those after a KeyUpdate: RFC 8446 section 7.2. */
    next(): Keys {
        return new Keys(expand(this.secret, "traffic upd", 32));
    }

    private nonce(counter: number): Buffer {
        const nonce = Buffer.from(this.iv);
        nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ counter) >>> 0, 8);
        return nonce;
    }

    /** Opens the next record. */
    open(record: Buffer): { type: number; content: Buffer } {
        const opener = createDecipheriv("aes-128-gcm", this.key, this.nonce(this.opened++));
        opener.setAAD(record.subarray(0, 5)).setAuthTag(record.subarray(-TAG));
        const inner = Buffer.concat([opener.update(record.subarray(5, -TAG)), opener.final()]);
        let end = inner.length - 1;
        while (inner[end] === 0) end--; // padding
        return { type: inner[end] ?? 0, content: inner.subarray(0, end) };
    }

    /** Seals content as the next record. */
    seal(type: number, content: Uint8Array): Buffer {
        const inner = Buffer.concat([content, Buffer.of(type)]);
        const header = makeRecord(23, Buffer.alloc(0), 0x0303, inner.length + TAG);
        const sealer = createCipheriv("aes-128-gcm", this.key, this.nonce(this.sealed++));
        sealer.setAAD(header);
        return Buffer.concat([header, sealer.update(inner), sealer.final(), sealer.getAuthTag()]);
    }
}

/** One connection of a server, all of whose records pass here. */
export class Resealer {
    private readonly secrets = new Map<string, Buffer>();
    private opener: Keys | undefined;
    private sealer: Keys | undefined;
    private established = false;
    /** What becomes of handshake content: the contents of records in its place. */
    private readonly change: (content: Buffer) => Uint8Array[];

    constructor(change: (content: Buffer) => Uint8Array[] = (content) => [content]) {
        this.change = change;
    }

    /** Takes a line of the server's key log. */
    readonly keylog = (line: Buffer): void => {
        const [label = "", , secret = ""] = line.toString().trim().split(" ");
        this.secrets.set(label, Buffer.from(secret, "hex"));
    };

    private first(): Keys {
        const label = this.established ? "SERVER_TRAFFIC_SECRET_0" : "SERVER_HANDSHAKE_TRAFFIC_SECRET";
        const secret = this.secrets.get(label);
        if (!secret) throw new Error(`The server has not logged ${label}.`);
        return new Keys(secret);
    }

    /** Seals a handshake message; behind a KeyUpdate all is sealed with the next keys. */
    message(content: Uint8Array, updates = false): Buffer {
        const keys = this.sealer ?? this.first();
        this.sealer = updates ? keys.next() : keys;
        return keys.seal(HANDSHAKE, content);
    }

    /** For the proxy: opens each encrypted record of the server and seals it again, changed. */
    readonly edit: Edit = (record, { direction }) => {
        if (direction === "up" || record.type !== 23) return undefined;
        const opener = (this.opener ??= this.first());
        const sealer = (this.sealer ??= this.first());
        const { type, content } = opener.open(record.bytes);
        const contents = type === HANDSHAKE ? this.change(content) : [content];
        const send = contents.map((piece) => sealer.seal(type, piece));
        if (!this.established && type === HANDSHAKE && content[0] === FINISHED) {
            this.established = true;
            this.opener = this.sealer = undefined;
        }
        return { send };
    };
}

/** Content in pieces of at most so many bytes. */
export function inPieces(size: number): (content: Buffer) => Buffer[] {
    return (content) => {
        const pieces = [];
        for (let at = 0; at < content.length; at += size) pieces.push(content.subarray(at, at + size));
        return pieces;
    };
}
