// SPDX-License-Identifier: Apache-2.0
/**
 * Exit codes: which one a failure has, and how the help describes them.
 *
 * @module
 */
/** Exit codes of every command. */
export const EXIT = {
    ok: 0,
    httpStatus: 1,
    noEntropy: 1,
    usage: 2,
    connect: 3,
    certificate: 4,
    protocol: 5,
    timeout: 6,
    memory: 7,
} as const;

/** The codes as help texts list them. */
export const EXIT_HELP =
    "Exit codes:\n" +
    "  0  done\n" +
    "  1  HTTP status 400 or above, with --fail\n" +
    "  2  wrong command line, or a file that cannot be read, used or written\n" +
    "  3  could not connect\n" +
    "  4  the server's certificate was not accepted\n" +
    "  5  any other failure of TLS or HTTP\n" +
    "  6  time-out\n" +
    "  7  more memory needed than --budget allows";

const KINDS: { [code: string]: number | undefined } = {
    ETLS_CONNECT_FAILED: EXIT.connect,
    ETLS_BOARD: EXIT.connect,
    ETLS_TIMEOUT: EXIT.timeout,
    ETLS_OUT_OF_MEMORY: EXIT.memory,
    ETLS_BAD_ARENA: EXIT.memory,
    ETLS_CONSTANT_SAMPLES: EXIT.noEntropy,
    ETLS_NO_TRUST_ANCHOR: EXIT.certificate,
    ETLS_NO_CLOCK: EXIT.certificate,
};

/** What the caller gave cannot be used, whoever notices. */
const USAGE = [
    "ETLS_USAGE", "ETLS_BAD_URL", "ETLS_HTTP_URL", "ETLS_HTTP_PATH", "ETLS_HTTP_METHOD",
    "ETLS_HTTP_HEADER", "ETLS_HTTP_LENGTH", "ETLS_BAD_CERTIFICATE", "ETLS_BAD_KEY",
    "ETLS_TOO_FEW_SAMPLES", "ETLS_TOO_MANY_SAMPLES", "ETLS_SAMPLE_RANGE",
    "ETLS_KEY_MISMATCH", "ETLS_BAD_HOST_NAME", "ETLS_BAD_ARGUMENT", "ETLS_BAD_OPTION",
];

/** The exit code for an error's code. */
export const exitCodeOf = function (code: string | undefined): number {
    if (code === undefined) return EXIT.protocol;
    if (USAGE.includes(code)) return EXIT.usage;
    if (code.startsWith("ETLS_CERT_")) return EXIT.certificate;
    return KINDS[code] ?? EXIT.protocol;
};
