// SPDX-License-Identifier: Apache-2.0
/**
 * Gets the certificates of a server just as it sends them: in its order, with what is superfluous.
 *
 * Node's TLS does the handshake, unverified, since nothing but the certificates is wanted. It shows
 * the chain put in order, so in TLS 1.2, where certificates are not encrypted, they are taken from
 * the wire; a server that has TLS 1.3 alone is asked again, and seen through Node's eyes.
 *
 * @module
 */
import net from "node:net";
import { Duplex } from "node:stream";
import tls from "node:tls";
import { makeError, reasonOf } from "../modules/errors.ts";
import { startTls } from "./starttls.ts";

/** Whom to ask. */
export interface ProbeTarget {
    host: string;
    port: number;
    /** Sent as SNI; empty for none. */
    servername: string;
    starttls?: string | undefined;
    /** Milliseconds for everything. */
    timeout: number;
}

/** What was seen. */
export interface Probe {
    /** DER, in the server's order where that could be seen. */
    certificates: Buffer[];
    protocol: string;
    /** Whether order and superfluous certificates could be seen. */
    exact: boolean;
}

/** The certificates in a stream of TLS records: RFC 5246 sections 6.2.1 and 7.4.2. */
export class CertificateReader {
    private records = Buffer.alloc(0);
    private messages = Buffer.alloc(0);
    /** What was found; undefined until the whole message has come. */
    found: Buffer[] | undefined;
    private over = false;

    /** Takes what the server sends, in pieces of any size. */
    take(data: Buffer): void {
        if (this.over) return;
        this.records = Buffer.concat([this.records, data]);
        while (this.records.length >= 5 && this.records.length >= 5 + this.records.readUInt16BE(3)) {
            const end = 5 + this.records.readUInt16BE(3);
            if (this.records[0] !== 22) this.over = true; // encrypted from here on
            else this.messages = Buffer.concat([this.messages, this.records.subarray(5, end)]);
            this.records = this.records.subarray(end);
        }
        while (!this.over && this.messages.length >= 4 && this.messages.length >= 4 + this.messages.readUIntBE(1, 3)) {
            const end = 4 + this.messages.readUIntBE(1, 3);
            if (this.messages[0] === 11) this.read(this.messages.subarray(7, end));
            this.messages = this.messages.subarray(end);
        }
    }

    private read(list: Buffer): void {
        this.over = true;
        const found: Buffer[] = [];
        for (let rest = list; rest.length >= 3; ) {
            const end = 3 + rest.readUIntBE(0, 3);
            if (end > rest.length) return;
            found.push(rest.subarray(3, end));
            rest = rest.subarray(end);
        }
        this.found = found;
    }
}

/** A stream over a socket that shows what comes to a reader. */
const tapped = function (socket: net.Socket, reader: CertificateReader): Duplex {
    const stream = new Duplex({
        read: () => void socket.resume(),
        write: (chunk: Buffer, _, done) => void socket.write(chunk, done),
        final: (done) => void socket.end(done),
        destroy: (error, done) => {
            socket.destroy();
            done(error);
        },
    });
    socket.on("data", (data) => {
        reader.take(data);
        if (!stream.push(data)) socket.pause();
    });
    socket.on("end", () => stream.push(null));
    socket.on("error", (error) => stream.destroy(error));
    return stream;
};

const connect = function (target: ProbeTarget): Promise<net.Socket> {
    const { host, port, timeout } = target;
    const where = `${host}:${port}`;
    return new Promise((resolve, reject) => {
        const fail = (why: string): void => {
            socket.destroy();
            reject(makeError("ETLS_CONNECT_FAILED", `could not connect to ${where}: ${why}`));
        };
        const socket = net.connect({ host, port, timeout });
        socket.once("timeout", () => fail(`no answer for ${timeout} ms`));
        socket.once("error", (error) => fail(reasonOf(error instanceof AggregateError ? error.errors[0] : error)));
        socket.once("connect", () => resolve(socket.removeAllListeners()));
    });
};

/** Node's chain, from the server's certificate upwards. */
const chainOf = function (socket: tls.TLSSocket): Buffer[] {
    const found: Buffer[] = [];
    let next: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
    while (next?.raw && !found.some((known) => known.equals((next as tls.DetailedPeerCertificate).raw))) {
        found.push(next.raw);
        next = next.issuerCertificate as tls.DetailedPeerCertificate | undefined;
    }
    return found;
};

const handshake = async function (target: ProbeTarget, maxVersion: tls.SecureVersion): Promise<Probe> {
    const raw = await connect(target);
    const { host, servername, timeout, starttls } = target;
    const timer = setTimeout(() => raw.destroy(makeError("ETLS_TIMEOUT", `no answer from ${host} for ${timeout} ms`)), timeout);
    try {
        if (starttls !== undefined) await startTls(raw, starttls, servername || host);
        const reader = new CertificateReader();
        return await new Promise<Probe>((resolve, reject) => {
            const socket = tls.connect({
                socket: tapped(raw, reader),
                ...(servername && net.isIP(servername) === 0 ? { servername } : {}),
                rejectUnauthorized: false,
                minVersion: "TLSv1.2",
                maxVersion,
                // Also of servers that ours would not talk to: their chain may still be of interest.
                ciphers: "DEFAULT:@SECLEVEL=0",
            });
            socket.once("secureConnect", () => {
                const protocol = socket.getProtocol() ?? maxVersion;
                resolve({ certificates: reader.found ?? chainOf(socket), protocol, exact: reader.found !== undefined });
                socket.destroy();
            });
            socket.once("error", (error) => {
                // A server that wants a client certificate has shown its own before it refuses.
                if (reader.found) resolve({ certificates: reader.found, protocol: maxVersion, exact: true });
                else reject(error);
            });
            socket.once("close", () => reject(makeError("ETLS_CONNECTION_CLOSED", `${host} closed the connection during the handshake`)));
        });
    } finally {
        clearTimeout(timer);
        raw.destroy();
    }
};

/**
 * Connects and reads the certificates.
 *
 * @throws TlsError `ETLS_CONNECT_FAILED`, `ETLS_TIMEOUT`, `ETLS_HANDSHAKE_FAILURE`.
 */
export const probe = async function (target: ProbeTarget): Promise<Probe> {
    try {
        return await handshake(target, "TLSv1.2").catch((error: { code?: string }) => {
            if (/^ERR_SSL_.*(VERSION|PROTOCOL)|EPROTO/.test(error.code ?? "")) return handshake(target, "TLSv1.3");
            throw error;
        });
    } catch (error) {
        const { code } = error as { code?: string };
        if (code?.startsWith("ETLS_")) throw error;
        const why = reasonOf(error).replace(/^[0-9A-F]+:error:[0-9A-F]*:/, "").trim();
        throw makeError("ETLS_HANDSHAKE_FAILURE", `no TLS with ${target.host}:${target.port}: ${why}`);
    }
};
