/** What Espruino cannot run, as pairs of programs. */

/**
 * A program that the check refuses, and the same put so that it is accepted. Both set
 * `exports.result`, which comes out alike on a full engine; on the real interpreter only the
 * accepted one gives it.
 */
export interface Sample {
    /** The rule that refuses the one and accepts the other. */
    rule: string;
    rejected: string;
    accepted: string;
    /** Goes wrong on boards only, not in the interpreter built for a 64-bit desktop. */
    boardOnly?: true;
    /** Goes wrong where a C `char` is signed, as on x86; on ARM it is not. */
    signedOnly?: true;
}

/** A pair that goes wrong everywhere. */
export const pair = (rule: string, rejected: string, accepted: string): Sample => ({
    rule,
    rejected,
    accepted,
});

/** A pair that goes wrong on boards only. */
export const boardPair = (rule: string, rejected: string, accepted: string): Sample => ({
    ...pair(rule, rejected, accepted),
    boardOnly: true,
});
