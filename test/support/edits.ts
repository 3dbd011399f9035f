// SPDX-License-Identifier: Apache-2.0
/**
 * What the proxy can be told to do to records.
 *
 * @module
 */
import type { Cut, Direction, Edit, LoggedRecord } from "./proxy.ts";
import { makeRecord, type TlsRecord } from "./tls-records.ts";

/** Which records are meant: those that fit all that is given. */
export interface Where {
    direction: Direction;
    /** The number among the records of its direction, from 0. */
    index?: number;
    /** The content type. */
    type?: number;
    /** The type of a handshake message that begins in it, not encrypted. */
    message?: number;
    /** Only the first such record of each connection. */
    once?: boolean;
}

/** Applies an edit to the records meant, none to the others. */
export function at(where: Where, edit: Edit): Edit {
    const done = new Set<number>();
    return (record, log) => {
        const fits =
            log.direction === where.direction &&
            (where.index ?? log.index) === log.index &&
            (where.type ?? log.type) === log.type &&
            (where.message === undefined || log.messages.includes(where.message)) &&
            !(where.once && done.has(log.connection));
        if (!fits) {
            return undefined;
        }
        done.add(log.connection);
        return edit(record, log);
    };
}

/** Asks one edit after the other; the first that has an answer counts. */
export function firstOf(...edits: Edit[]): Edit {
    return (record, log) => {
        for (const edit of edits) {
            const outcome = edit(record, log);
            if (outcome) {
                return outcome;
            }
        }
        return undefined;
    };
}

/**
 * Flips a bit of the content.
 *
 * @param offset in bytes behind the header; negative = from the end
 * @param bit 0 to 7
 */
export function flipBit(offset: number, bit = 0): Edit {
    return (record) => {
        const bytes = Buffer.from(record.bytes);
        const place = offset < 0 ? bytes.length + offset : bytes.length - record.length + offset;
        const old = bytes[place];
        if (old === undefined) {
            throw new RangeError(`The record has no byte ${offset}.`);
        }
        bytes[place] = old ^ (1 << bit);
        return { send: [bytes] };
    };
}

/** Drops the record. */
export function drop(): Edit {
    return () => ({ send: [] });
}

/** Ends the connection after the record, or after so many bytes of it (with its header). */
export function cut(how: Cut = "fin", after = Infinity): Edit {
    return (record) => ({ send: [record.bytes.subarray(0, after)], cut: how });
}

/** Hands the record on after so many milliseconds. */
export function delayBy(milliseconds: number): Edit {
    return (record) => ({ send: [record.bytes], delay: milliseconds });
}

/** Sends other bytes before the record. */
export function insertBefore(bytes: Uint8Array): Edit {
    return (record) => ({ send: [bytes, record.bytes] });
}

/** Sends other bytes after the record. */
export function insertAfter(bytes: Uint8Array): Edit {
    return (record) => ({ send: [record.bytes, bytes] });
}

/** Sends other bytes instead of the record. */
export function replaceBy(bytes: Uint8Array): Edit {
    return () => ({ send: [bytes] });
}

/** Sends handshake content that is not encrypted in records of at most so many bytes. */
export function splitHandshake(size: number): Edit {
    return (record) => {
        if (!record.isPlainHandshake) {
            return undefined;
        }
        const send: Buffer[] = [];
        for (let begin = 0; begin < record.content.length; begin += size) {
            const piece = record.content.subarray(begin, begin + size);
            send.push(makeRecord(record.type, piece, record.version));
        }
        return { send };
    };
}

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_HELLO_DONE = 14;

/** The extension supported_versions of a ServerHello that selects TLS 1.3. */
const SELECTS_TLS13 = Buffer.from([0, 43, 0, 2, 3, 4]);

/**
 * Joins the handshake content of a flight that is not encrypted into one record: in TLS 1.2 the
 * server's from ServerHello to ServerHelloDone.
 */
export function mergeHandshake(): Edit {
    const held = new Map<string, { content: Buffer[]; message: number }>();
    return (record, log) => {
        const key = `${log.connection} ${log.direction}`;
        const state = held.get(key) ?? { content: [], message: 0 };
        held.set(key, state);
        const send: Uint8Array[] = [];
        if (record.isPlainHandshake) {
            state.content.push(record.content);
            state.message = record.messages.at(-1) ?? state.message;
        }
        if (state.content.length > 0 && isEndOfFlight(record, state.message)) {
            send.push(makeRecord(22, Buffer.concat(state.content), versionOf(log)));
            state.content = [];
        }
        if (!record.isPlainHandshake) {
            send.push(record.bytes);
        }
        return { send };
    };
}

function isEndOfFlight(record: TlsRecord, message: number): boolean {
    if (!record.isPlainHandshake) {
        return true;
    }
    return (
        record.endsMessage &&
        (message === CLIENT_HELLO ||
            message === SERVER_HELLO_DONE ||
            (message === SERVER_HELLO && record.content.includes(SELECTS_TLS13)))
    );
}

/** The first record of a client may say TLS 1.0 (RFC 8446 section 5.1). */
function versionOf(log: LoggedRecord): number {
    return log.direction === "up" && log.index === 0 ? log.version : 0x0303;
}
