// SPDX-License-Identifier: Apache-2.0
/**
 * Judges a stored chain, offline, by the code that runs on the board.
 *
 * @module
 */
import {
    CLIENT, ENTRY_CONTEXT_SET, ENTRY_SESSION_FREE, ENTRY_SESSION_NEW, ENTRY_SESSION_VERIFY, OPTION_TIME, REPORT_CHAIN,
} from "../modules/abi.gen.ts";
import type { Loadable } from "../modules/certificates.ts";
import { SecureContext } from "../modules/context.ts";
import { failure } from "../modules/errors.ts";
import type { TlsError } from "../modules/errors.ts";
import { ERR_BAD_ARGUMENT } from "../modules/errors.gen.ts";
import { parseCertificates, readReport } from "../modules/report.ts";
import type { PeerCertificate } from "../modules/report.ts";
import { sessionFailure } from "../modules/session_failure.ts";
import type { OpenBinding } from "./binding.ts";
import { startHost } from "./host.ts";
import type { WasmHost } from "./host.ts";
import { nodePlatform } from "./node.ts";

/** Bytes for what is judged, and for what is trusted: the chain may be larger than a board would take. */
const ARENA = 1 << 20;
const STORE = 4 << 20;

/** What is to be judged. */
export interface Case {
    /** DER: the server's own certificate, then the others in any order. */
    chain: Uint8Array[];
    /** The name or address that it is to be good for. */
    host: string;
    /** What is trusted; left out: the default roots. */
    ca?: Loadable | undefined;
    /** Which those are. */
    roots?: "common" | "all" | undefined;
    /** Milliseconds since 1970; left out: now. */
    time?: number | undefined;
}

/** What was found. */
export interface Judgement {
    /** Why the chain is refused; undefined when it is good. */
    error: TlsError | undefined;
    /** The certificates that were judged, from the server's own up to the anchor if one was found. */
    path: PeerCertificate[];
}

const started = function (host: WasmHost): Promise<OpenBinding> {
    return new Promise((resolve, reject) => {
        host.ready((error) => (host.binding ? resolve(host.binding) : reject(error as Error)));
    });
};

const verify = function (binding: OpenBinding, context: number, given: Case): Judgement {
    const { host, chain } = given;
    const facts = { host, first: "" };
    const der = Buffer.concat(chain).toString("latin1");
    const at = binding.keep?.(der) ?? 0;
    if (at === 0) throw failure(ERR_BAD_ARGUMENT, { detail: `a chain of ${der.length} bytes` });
    const session = binding.call(ENTRY_SESSION_NEW, context, binding.put(host, 0, host.length), host.length);
    if (session < 0) throw sessionFailure(binding, 0, session, facts);
    const errno = binding.call(ENTRY_SESSION_VERIFY, session, at, der.length);
    const error = errno === 0 ? undefined : sessionFailure(binding, session, errno, facts);
    const path = parseCertificates(readReport(binding, session, REPORT_CHAIN));
    binding.call(ENTRY_SESSION_FREE, session, 0, 0);
    return { error, path };
};

/** The context, or why a board would not make one of this `ca`: one of its certificates is none that can be used. */
const contextOf = function (secure: SecureContext, binding: OpenBinding): number | TlsError {
    try {
        return secure._handle(binding, CLIENT);
    } catch (error) {
        const refusal = error as TlsError;
        if (refusal.code !== "ETLS_BAD_CERTIFICATE") throw error;
        return refusal;
    }
};

/**
 * Judges a chain. A `ca` that is made of certificates, but not of such as a board can use, is a refusal too.
 *
 * @throws TlsError when nothing can be judged: `ETLS_BAD_CERTIFICATE` for a `ca` that is none,
 * `ETLS_BAD_HOST_NAME`, `ETLS_NO_TRUST_ANCHOR`.
 */
export const judge = async function (given: Case): Promise<Judgement> {
    const time = given.time ?? Date.now();
    const host = startHost(nodePlatform, { now: () => time, roots: given.roots, arena: ARENA, store: STORE });
    const binding = await started(host);
    const secure = new SecureContext(host, { ca: given.ca, keepChain: true });
    try {
        const context = contextOf(secure, binding);
        if (typeof context !== "number") return { error: context, path: [] };
        binding.call(ENTRY_CONTEXT_SET, context, OPTION_TIME, Math.floor(time / 1000));
        return verify(binding, context, given);
    } finally {
        secure.free();
        binding.close();
    }
};
