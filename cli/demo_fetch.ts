// SPDX-License-Identifier: Apache-2.0
/**
 * What the demo does over the network: one fetch on a core of its own.
 *
 * @module
 */
import type { PeerCertificate } from "../modules/report.ts";
import type { SecureVersion } from "../modules/secure_context.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import type { Identity } from "../test/support/pki.ts";
import { open } from "../wasm/node.ts";

/** Bytes of memory for each fetch. */
export const ARENA = 65536;

/** What a fetch has shown. */
export interface Fetched {
    status: number;
    body: string;
    authorized: boolean;
    protocol: string;
    cipher: string;
    /** Names of the server's certificate. */
    names: string;
    /** Leaf first. */
    chain: PeerCertificate[];
    /** Bytes of the heap: the most in use, and with the connection open and nothing in flight. */
    peak: number;
    idle: number;
}

/** How a fetch ended, and the bytes of the heap still in use after that. */
export interface Outcome {
    fetched?: Fetched;
    error?: { code: string; message: string };
    left: number;
}

type Core = Awaited<ReturnType<typeof open>>;

const fetchOn = function (
    core: Core,
    port: number,
    identity: Identity,
    keepChain: boolean,
    version?: SecureVersion,
): Promise<Fetched> {
    return new Promise((resolve, reject) => {
        const request = core.https.get(`https://127.0.0.1:${port}/`, {
            servername: identity.host,
            ca: identity.rootPem,
            agent: false,
            timeout: 10000,
            keepChain,
            ...(version ? { minVersion: version, maxVersion: version } : {}),
        });
        let found: Fetched | undefined;
        let failed: unknown;
        request.on("error", (error) => (failed = error));
        request.on("socket", (plain) => {
            const socket = plain as TLSSocket;
            found = {
                status: 0,
                body: "",
                authorized: socket.authorized,
                protocol: socket.getProtocol() ?? "",
                cipher: socket.getCipher()?.name ?? "",
                names: socket.getPeerCertificate()?.subjectaltname ?? "",
                chain: socket.getPeerCertificate(true),
                peak: 0,
                idle: core.memory().inUse,
            };
            // The very last event: then nothing may be in use.
            socket.on("close", () => (failed ? reject(failed) : resolve(found as Fetched)));
        });
        request.on("response", (response) => {
            response.on("data", (data) => {
                if (found) found.body += data;
            });
            response.on("error", (error) => (failed = error));
            if (found) found.status = response.statusCode;
        });
        request.on("close", () => {
            if (found) found.peak = core.memory().peak;
            else reject(failed);
        });
    });
};

/**
 * Fetches a page from 127.0.0.1 and frees everything.
 *
 * @param keepChain - to show the whole chain, which takes some memory of its own
 */
export const fetchOnce = async function (
    port: number,
    identity: Identity,
    keepChain: boolean,
    version?: SecureVersion,
): Promise<Outcome> {
    const core = await open({ arena: ARENA });
    try {
        const fetched = await fetchOn(core, port, identity, keepChain, version);
        return { fetched, left: core.memory().inUse };
    } catch (error) {
        const { code = "", message } = error as { code?: string; message: string };
        return { error: { code, message }, left: core.memory().inUse };
    } finally {
        core.close();
    }
};
