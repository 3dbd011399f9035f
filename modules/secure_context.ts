// SPDX-License-Identifier: Apache-2.0
/**
 * What goes into a secure context: trust, identity and policy.
 *
 * @module
 */

import {
    CLIENT, ENTRY_CONTEXT_ADD_ALPN, ENTRY_CONTEXT_ADD_BUNDLE, ENTRY_CONTEXT_ADD_CA, ENTRY_CONTEXT_ADD_CERT,
    ENTRY_CONTEXT_FREE, ENTRY_CONTEXT_NEW, ENTRY_CONTEXT_SET, ENTRY_CONTEXT_SET_KEY,
    OPTION_IN_PLACE, OPTION_MAX_FRAGMENT, OPTION_MAX_VERSION, OPTION_MIN_VERSION, OPTION_PEER_INFO,
    OPTION_SESSIONS, OPTION_VERIFY, VERIFY_NONE,
    VERIFY_OPTIONAL, VERIFY_REQUIRED,
} from "./abi.gen.ts";
import { toBinary } from "./bytes.ts";
import { loadDer } from "./certificates.ts";
import type { Kind, Loadable } from "./certificates.ts";
import { addEntropy } from "./entropy.ts";
import { failure } from "./errors.ts";
import {
    ERR_BAD_ALPN, ERR_BAD_CERTIFICATE, ERR_BAD_KEY, ERR_BAD_OPTION,
} from "./errors.gen.ts";
import type { Binding, Host } from "./host.ts";
import { memoryValues } from "./memory.ts";

/** A TLS version by Node's name. */
export type SecureVersion = "TLSv1.2" | "TLSv1.3";

/** What a context is made of; names are Node's. */
export interface SecureContextOptions {
    /** Trusted certificates or trust bundles, see {@link Loadable}. Default: those of the host. */
    ca?: Loadable | undefined;
    /** Trusted beside `ca`, or beside the default when there is no `ca`. */
    extraCA?: Loadable | undefined;
    /** Own certificate and the intermediates above it, leaf first. */
    cert?: Loadable | undefined;
    /** Private key of `cert`: PKCS#8, PKCS#1 or SEC1. */
    key?: Loadable | undefined;
    /** Decrypts `key`; on the desktop only, boards take keys that are not encrypted. */
    passphrase?: string | undefined;
    /** Lowest version allowed, default `TLSv1.2`. */
    minVersion?: SecureVersion | undefined;
    /** Highest version allowed, default the highest of the build. */
    maxVersion?: SecureVersion | undefined;
    /** Protocol names (RFC 7301), best first. */
    ALPNProtocols?: (string | Uint8Array)[] | undefined;
    /** `false` goes on with a peer that cannot be verified, and says so in `authorized`. Default `true`. */
    rejectUnauthorized?: boolean | undefined;
    /** Servers: ask clients for a certificate. Default `false`. */
    requestCert?: boolean | undefined;
    /**
     * Longest plaintext that the peer is asked to send in one record: 512, 1024, 2048, 4096, or
     * 16384, which does not ask. Default by the arena's size. Peers may ignore it.
     */
    maxFragmentLength?: number | undefined;
    /** Clients: ask for sessions that can be resumed. Default `true`. */
    sessionTickets?: boolean | undefined;
    /** Keep facts of the peer's whole chain for `getPeerCertificate(true)`; costs about 300 bytes a certificate. */
    keepChain?: boolean | undefined;
}

const version = function (name: string): number {
    if (name === "TLSv1.2") return 0x303;
    if (name === "TLSv1.3") return 0x304;
    throw failure(ERR_BAD_OPTION, { detail: "TLS version " + name + "; known are TLSv1.2 and TLSv1.3" });
};

const verifyMode = function (options: SecureContextOptions, role: number): number {
    const mode = options.rejectUnauthorized === false ? VERIFY_OPTIONAL : VERIFY_REQUIRED;
    return role === CLIENT || options.requestCert ? mode : VERIFY_NONE;
};

/** What a context is made of, with certificates and keys loaded. */
export interface ContextSource {
    host: Host;
    options: SecureContextOptions;
    /** DER; undefined: those of the host. */
    ca: string[] | undefined;
    /** DER, beside those. */
    extraCA: string[];
    /** DER, leaf first. */
    cert: string[];
    /** DER. */
    key: string[];
}

/** Loads certificates and keys. @throws TlsError when one cannot be loaded. */
export const loadContext = function (host: Host, options: SecureContextOptions): ContextSource {
    const loadOption = function (kind: Kind): string[] {
        let value = options[kind];
        const secret = kind === "key" && host.decryptKeys ? options.passphrase : undefined;
        if (value && secret !== undefined && host.decryptKeys) value = host.decryptKeys(value, secret);
        return value === undefined || value === null ? [] : loadDer(host, kind, value);
    };
    return {
        host,
        options,
        ca: options.ca === undefined || options.ca === null ? undefined : loadOption("ca"),
        extraCA: loadOption("extraCA"),
        cert: loadOption("cert"),
        key: loadOption("key"),
    };
};

/** Fills a native context that was just made. @throws TlsError what does not fit or cannot be used */
const fillContext = function (
    made: ContextSource,
    binding: Binding,
    handle: number,
    role: number,
): void {
    const options = made.options;
    const host = made.host;
    const set = function (option: number, value: number): void {
        const error = binding.call(ENTRY_CONTEXT_SET, handle, option, value);
        if (error < 0) throw failure(error, { detail: "option " + option + " = " + value });
    };
    const add = function (entry: number, kind: Kind, der: string, index: number): void {
        const item = kind + "[" + index + "]";
        // Certificates are read where they are; keys are secret and must not stay there.
        const place = binding.keep && kind !== "key" ? binding.keep(der) : 0;
        if (!place && der.length > binding.window) {
            throw failure(ERR_BAD_CERTIFICATE, { item, detail: "it has " + der.length + " bytes" });
        }
        set(OPTION_IN_PLACE, place ? 1 : 0);
        const address = place || binding.put(der, 0, der.length);
        const error = binding.call(entry, handle, address, der.length);
        if (!place) binding.wipe(der.length);
        if (error < 0) {
            const values = memoryValues(binding);
            addEntropy(binding, error, values);
            values["item"] = item;
            values["detail"] = (host.describe && host.describe(kind, der)) ||
                "its contents are damaged or of a kind that is not supported";
            values["subject"] = "in cert[0]";
            throw failure(error, values);
        }
    };
    if (options.minVersion) set(OPTION_MIN_VERSION, version(options.minVersion));
    if (options.maxVersion) set(OPTION_MAX_VERSION, version(options.maxVersion));
    if (options.minVersion === "TLSv1.3" && options.maxVersion === "TLSv1.2") {
        throw failure(ERR_BAD_OPTION, { detail: "minVersion is above maxVersion" });
    }
    set(OPTION_VERIFY, verifyMode(options, role));
    if (role === CLIENT && options.sessionTickets !== false) set(OPTION_SESSIONS, 1);
    if (options.keepChain) set(OPTION_PEER_INFO, 2);
    if (options.maxFragmentLength) set(OPTION_MAX_FRAGMENT, options.maxFragmentLength);
    const trust = function (kind: Kind, list: string[]): void {
        list.forEach(function (der, index) {
            const bundle = der.charCodeAt(0) !== 0x30;
            add(bundle ? ENTRY_CONTEXT_ADD_BUNDLE : ENTRY_CONTEXT_ADD_CA, kind, der, index);
        });
    };
    trust("ca", made.ca || host.defaultCA());
    trust("extraCA", made.extraCA);
    made.cert.forEach(function (der, index) {
        add(ENTRY_CONTEXT_ADD_CERT, "cert", der, index);
    });
    if (made.key.length > 0 && made.cert.length === 0) {
        throw failure(ERR_BAD_KEY, { item: "key", detail: "its certificate is missing: give cert too" });
    }
    if (made.key.length > 1) {
        throw failure(ERR_BAD_KEY, { item: "key", detail: "it holds " + made.key.length + " keys" });
    }
    made.key.forEach(function (der, index) {
        add(ENTRY_CONTEXT_SET_KEY, "key", der, index);
    });
    (options.ALPNProtocols || []).forEach(function (name) {
        const bytes = toBinary(name);
        const error = binding.call(
            ENTRY_CONTEXT_ADD_ALPN, handle, binding.put(bytes, 0, bytes.length), bytes.length,
        );
        if (error === ERR_BAD_ALPN) throw failure(error, { detail: JSON.stringify(bytes) });
        if (error < 0) throw failure(error, memoryValues(binding));
    });
};

/** Makes the native context for a role. @throws TlsError */
export const openContext = function (made: ContextSource, binding: Binding, role: number): number {
    const handle = binding.call(ENTRY_CONTEXT_NEW, role, 0, 0);
    if (handle < 0) throw failure(handle, memoryValues(binding));
    try {
        fillContext(made, binding, handle, role);
    } catch (error) {
        binding.call(ENTRY_CONTEXT_FREE, handle, 0, 0);
        throw error;
    }
    return handle;
};
