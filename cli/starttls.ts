// SPDX-License-Identifier: Apache-2.0
/**
 * Asks a server of another protocol to go on with TLS.
 *
 * @module
 */
import type { Socket } from "node:net";
import { makeError } from "../modules/errors.ts";

/** A dialogue: what to wait for, to the end of its line, and what to say then; undefined waits for nothing. */
type Dialogue = [wait: RegExp | undefined, say: string | Buffer][];

interface Protocol {
    port: number;
    dialogue: Dialogue;
    /** The server agrees. */
    ready: RegExp;
}

/** Protocols by name; the dialogues are those of RFC 3207, 2595, 4217, 4642, 5804, 6120 and PostgreSQL. */
const PROTOCOLS: { [name: string]: Protocol | undefined } = {
    smtp: { port: 25, dialogue: [[/^220 .*\r?\n/m, "EHLO localhost\r\n"], [/^250 .*\r?\n/m, "STARTTLS\r\n"]], ready: /^220 .*\r?\n/m },
    lmtp: { port: 24, dialogue: [[/^220 .*\r?\n/m, "LHLO localhost\r\n"], [/^250 .*\r?\n/m, "STARTTLS\r\n"]], ready: /^220 .*\r?\n/m },
    imap: { port: 143, dialogue: [[/^\* OK.*\r?\n/m, "a STARTTLS\r\n"]], ready: /^a OK.*\r?\n/m },
    pop3: { port: 110, dialogue: [[/^\+OK.*\r?\n/m, "STLS\r\n"]], ready: /^\+OK.*\r?\n/m },
    ftp: { port: 21, dialogue: [[/^220 .*\r?\n/m, "AUTH TLS\r\n"]], ready: /^234.*\r?\n/m },
    nntp: { port: 119, dialogue: [[/^20[01].*\r?\n/m, "STARTTLS\r\n"]], ready: /^382.*\r?\n/m },
    sieve: { port: 4190, dialogue: [[/^OK.*\r?\n/m, "STARTTLS\r\n"]], ready: /^OK.*\r?\n/m },
    xmpp: {
        port: 5222,
        dialogue: [
            [undefined, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='HOST'>"],
            [/<\/stream:features>/, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
        ],
        ready: /<proceed[^>]*>/,
    },
    postgres: { port: 5432, dialogue: [[undefined, Buffer.from("0000000804d2162f", "hex")]], ready: /^S/ },
};

/** The protocols' names. */
export const STARTTLS_NAMES = Object.keys(PROTOCOLS);

/** The port of a protocol that is not known otherwise. */
export const starttlsPort = function (name: string): number | undefined {
    return PROTOCOLS[name]?.port;
};

/** Bytes that a server may say before TLS. */
const LIMIT = 65536;

/**
 * Holds the dialogue; resolves when TLS can begin on the socket.
 *
 * @throws TlsError `ETLS_CONNECT_FAILED` when the server refuses, hangs up or talks too much.
 */
export const startTls = function (socket: Socket, name: string, host: string): Promise<void> {
    const protocol = PROTOCOLS[name];
    if (!protocol) return Promise.reject(makeError("ETLS_USAGE", `no STARTTLS for ${name}`));
    const steps: Dialogue = [...protocol.dialogue, [protocol.ready, ""]];
    return new Promise((resolve, reject) => {
        let said = "";
        const stop = function (fault?: string): void {
            socket.off("data", take).off("close", closed).off("error", closed);
            if (fault === undefined) resolve();
            else reject(makeError("ETLS_CONNECT_FAILED", `${host} did not take to TLS (${name}): ${fault}`));
        };
        const closed = (): void => stop("it hung up");
        const goOn = function (): void {
            for (let step = steps[0]; step && (!step[0] || step[0].test(said)); step = steps[0]) {
                steps.shift();
                said = "";
                if (steps.length === 0) return stop();
                socket.write(typeof step[1] === "string" ? step[1].replace("HOST", host) : step[1]);
            }
            const [refusal] = /^([45]\d\d |a (NO|BAD)|-ERR|NO |N$|<failure).*/m.exec(said) ?? [];
            if (refusal !== undefined || said.length > LIMIT) stop(JSON.stringify(refusal ?? "too much text"));
        };
        const take = function (data: Buffer): void {
            said += data.toString("latin1");
            goOn();
        };
        socket.on("data", take).on("close", closed).on("error", closed);
        goOn();
    });
};
