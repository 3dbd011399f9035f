// SPDX-License-Identifier: Apache-2.0
/**
 * Errors of a session, with the values that matter.
 *
 * @module
 */

import {
    ENTRY_SESSION_GET, GET_MBEDTLS_ERROR, GET_PHASE, GET_RECORD_SIZE, REPORT_FAILURE, REPORT_PEER,
} from "./abi.gen.ts";
import { MAX_CHAIN, MAX_RECORD_IN } from "./budget.gen.ts";
import { ERR_CERT_CHAIN_TOO_LONG, ERR_RECORD_TOO_LARGE } from "./errors.gen.ts";
import { addEntropy } from "./entropy.ts";
import { failure, flagNames, span } from "./errors.ts";
import type { TlsError, Values } from "./errors.ts";
import type { Binding } from "./host.ts";
import { memoryValues } from "./memory.ts";
import { fetchReport } from "./report.ts";
import type { Report } from "./report.ts";

/** What a session knows of its peer. */
export interface Facts {
    /** Its name. */
    host: string;
    /** The first bytes that came from it. */
    first: string;
}

const isoTime = function (ms: number): string {
    return ms > 0 ? new Date(ms).toISOString().replace(/\.[0-9]*Z/, "Z") : "nothing";
};

const printable = function (bytes: string): string {
    return bytes ? JSON.stringify(bytes) : "missing";
};

/** Adds what a certificate's report says, and how far its dates are away. */
const addCertificate = function (values: Values, report: Report, now: number): void {
    const keys = "subject issuer notBefore notAfter key usage fingerprint san algorithm rule";
    keys.split(" ").forEach(function (key) {
        values[key] = report[key];
    });
    if (!report["key"]) values["key"] = "one of another kind";
    if (report["flags"]) values["flags"] = flagNames(parseInt(report["flags"], 10));
    if (report["notAfter"]) values["ago"] = span(now - Date.parse(report["notAfter"]));
    if (report["notBefore"]) values["ahead"] = span(Date.parse(report["notBefore"]) - now);
};

/** Makes the error of a session, or with session 0 the one of making it. */
export const sessionFailure = function (
    binding: Binding,
    session: number,
    errno: number,
    facts: Facts,
): TlsError {
    const now = binding.now ? binding.now() : Date.now();
    const values = memoryValues(binding);
    const get = function (what: number): number {
        return session ? binding.call(ENTRY_SESSION_GET, session, what, 0) : 0;
    };
    values["host"] = facts.host;
    values["bytes"] = printable(facts.first);
    values["now"] = isoTime(now);
    values["mbedtls"] = "-0x" + (-get(GET_MBEDTLS_ERROR)).toString(16);
    values["phase"] = "state " + get(GET_PHASE);
    values["detail"] = "Mbed TLS " + values["mbedtls"];
    values["versions"] = "TLS 1.2 and 1.3 as configured";
    addEntropy(binding, errno, values);
    if (errno === ERR_CERT_CHAIN_TOO_LONG) values["limit"] = MAX_CHAIN;
    if (errno === ERR_RECORD_TOO_LARGE) {
        values["needed"] = get(GET_RECORD_SIZE);
        values["limit"] = MAX_RECORD_IN;
    }
    if (session) {
        const failed = fetchReport(binding, session, REPORT_FAILURE);
        addCertificate(
            values, failed["subject"] ? failed : fetchReport(binding, session, REPORT_PEER), now,
        );
    }
    return failure(errno, values);
};
