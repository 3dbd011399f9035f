// SPDX-License-Identifier: Apache-2.0
/**
 * Names of the cipher suites of this build.
 *
 * @module
 */

/** A cipher suite as Node's `getCipher` shows it. */
export interface Cipher {
    /** OpenSSL's name. */
    name: string;
    /** IANA's name. */
    standardName: string;
    /** `TLSv1.2` or `TLSv1.3`. */
    version: string;
}

const AEADS = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"];

/** IANA numbers of TLS 1.2 suites: 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9. */
const describeTls12 = function (id: number): Cipher {
    const chacha = id >= 0xcca8;
    const ecdsa = chacha ? id === 0xcca9 : id < 0xc02f;
    const aead = AEADS[chacha ? 2 : id === 0xc02b || id === 0xc02f ? 0 : 1] as string;
    const kind = "ECDHE-" + (ecdsa ? "ECDSA" : "RSA") + "-";
    const short = chacha ? "CHACHA20-POLY1305" : aead.replace(/AES_/, "AES").replace(/_/g, "-");
    return {
        name: kind + short,
        standardName: "TLS_" + kind.replace("-", "_").replace("-", "") + "_WITH_" + aead,
        version: "TLSv1.2",
    };
};

/** Describes a cipher suite by its IANA number. */
export const describeCipher = function (id: number): Cipher {
    if (id >= 0x1301 && id <= 0x1303) {
        const name = "TLS_" + AEADS[id - 0x1301];
        return { name, standardName: name, version: "TLSv1.3" };
    }
    return describeTls12(id);
};
