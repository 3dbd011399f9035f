// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Configurations of the `full` image that were chosen against, each one step from the one that is built:
 * `node native/image/build.mjs --choice NAME rp2040-full`, and all of them, measured, `npm run choices`.
 */

/**
 * @typedef {object} Choice
 * @property {string} name of its folder in build/choices
 * @property {string} what the table says
 * @property {string[]} [config] lines that come after native/config/etls_mbedtls_config.h
 * @property {boolean} [plain] without the special sources and flags of the chip
 */

/** @type {Choice[]} */
export const CHOICES = [
    { name: "built", what: "**as it is built**" },
    {
        name: "aes-tables-4",
        what: "AES of Mbed TLS, a table of 1 KB (`AES_FEWER_TABLES`)",
        config: ["#undef MBEDTLS_AES_ENCRYPT_ALT", "#undef MBEDTLS_AES_SETKEY_ENC_ALT", "#define MBEDTLS_AES_FEWER_TABLES"],
    },
    {
        name: "aes-tables-16",
        what: "AES of Mbed TLS, tables of 4 KB",
        config: ["#undef MBEDTLS_AES_ENCRYPT_ALT", "#undef MBEDTLS_AES_SETKEY_ENC_ALT"],
    },
    { name: "gcm", what: "GCM of Mbed TLS", config: ["#undef MBEDTLS_GCM_ALT"] },
    { name: "sha2-small", what: "SHA-2 of Mbed TLS, rolled (`SHA256_SMALLER`, `SHA512_SMALLER`)", config: ["#define ETLS_MBEDTLS_SHA2", "#define MBEDTLS_SHA256_SMALLER", "#define MBEDTLS_SHA512_SMALLER"] },
    { name: "sha256-fast", what: "SHA-2 of Mbed TLS, SHA-256 unrolled", config: ["#define ETLS_MBEDTLS_SHA2", "#define MBEDTLS_SHA512_SMALLER"] },
    { name: "sha512-fast", what: "SHA-2 of Mbed TLS, SHA-512 unrolled", config: ["#define ETLS_MBEDTLS_SHA2", "#define MBEDTLS_SHA256_SMALLER"] },
    {
        name: "reduce-table",
        what: "curves' primes reduced by table, as in `small` (`ETLS_REDUCE_BY_TABLE`)",
        config: ["#undef ETLS_REDUCE_BY_TABLE", "#define ETLS_REDUCE_BY_TABLE 1", "#undef MBEDTLS_ECP_NIST_OPTIM"],
    },
    { name: "reduce-none", what: "curves' primes reduced by division (no `ECP_NIST_OPTIM`)", config: ["#undef MBEDTLS_ECP_NIST_OPTIM"] },
    {
        name: "inverse-power",
        what: "inverses by powers, as in `small` (`ETLS_INVERSE_BY_POWER`)",
        config: ["#undef ETLS_INVERSE_BY_POWER", "#define ETLS_INVERSE_BY_POWER 1"],
    },
    { name: "window-3", what: "`ECP_WINDOW_SIZE` 3", config: ["#undef MBEDTLS_ECP_WINDOW_SIZE", "#define MBEDTLS_ECP_WINDOW_SIZE 3"] },
    { name: "window-4", what: "`ECP_WINDOW_SIZE` 4", config: ["#undef MBEDTLS_ECP_WINDOW_SIZE", "#define MBEDTLS_ECP_WINDOW_SIZE 4"] },
    {
        name: "fixed-point",
        what: "tables of the base points in flash (`ECP_FIXED_POINT_OPTIM` 1, window 4)",
        config: [
            "#undef MBEDTLS_ECP_FIXED_POINT_OPTIM", "#define MBEDTLS_ECP_FIXED_POINT_OPTIM 1",
            "#undef MBEDTLS_ECP_WINDOW_SIZE", "#define MBEDTLS_ECP_WINDOW_SIZE 4",
        ],
    },
    { name: "muladd", what: "multiply-accumulate in C, not assembly (`muladd.c`)", plain: true },
];

/** What `small` on the STM32F4 does without, or does in its own way, put back: only flash is measured. @type {Choice[]} */
export const SMALL_CHOICES = [
    { name: "small", what: "**as it is built**" },
    {
        name: "small-identity",
        what: "with own certificates and EC keys (`ETLS_HAS_IDENTITY`)",
        config: ["#undef ETLS_HAS_IDENTITY", "#define ETLS_HAS_IDENTITY 1"],
    },
    {
        name: "small-sessions",
        what: "with sessions that are saved and resumed (`ETLS_HAS_SESSIONS`)",
        config: ["#undef ETLS_HAS_SESSIONS", "#define ETLS_HAS_SESSIONS 1", "#define MBEDTLS_SSL_SESSION_TICKETS"],
    },
    {
        name: "small-reduce",
        what: "curves' primes reduced by Mbed TLS's unrolled code (`ETLS_REDUCE_BY_TABLE` 0)",
        config: ["#undef ETLS_REDUCE_BY_TABLE", "#define ETLS_REDUCE_BY_TABLE 0", "#define MBEDTLS_ECP_NIST_OPTIM"],
    },
    {
        name: "small-inverse",
        what: "inverses by Mbed TLS (`ETLS_INVERSE_BY_POWER` 0)",
        config: ["#undef ETLS_INVERSE_BY_POWER", "#define ETLS_INVERSE_BY_POWER 0"],
    },
];
