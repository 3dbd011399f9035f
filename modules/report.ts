// SPDX-License-Identifier: Apache-2.0
/**
 * Reports of the native core, as JavaScript objects.
 *
 * @module
 */

import { ENTRY_REPORT, ENTRY_REPORT_DATA } from "./abi.gen.ts";
import type { Binding } from "./host.ts";

/** The lines of a report: key and value. */
export interface Report {
    [key: string]: string | undefined;
}

/** A distinguished name: its parts by short name, such as `CN`. */
export interface Name {
    [type: string]: string | undefined;
}

/** What is kept of a peer's certificate after the handshake. */
export interface PeerCertificate {
    /** Whose it is. */
    subject: Name;
    /** Who signed it. */
    issuer: Name;
    /** Names it is valid for, such as `DNS:example.org, IP Address:192.0.2.1`. */
    subjectaltname?: string;
    /** First moment of validity, as `2026-11-18T00:00:00Z`. */
    valid_from: string;
    /** Last moment of validity. */
    valid_to: string;
    /** Hexadecimal. */
    serialNumber: string;
    /** SHA-256 of its DER, hexadecimal with colons. */
    fingerprint256: string;
    /** Its key, such as `RSA 2048` or `EC P-256`. */
    key: string;
    /** Its key as a pin for option `pinnedPubkey`: `sha256//` and base64. */
    pin?: string;
}

/** Parses the text of a report. */
export const parseReport = function (text: string): Report {
    const report: Report = {};
    text.split("\n").forEach(function (line) {
        const at = line.indexOf("=");
        if (at > 0) report[line.substr(0, at)] = line.substr(at + 1);
    });
    return report;
};

/** Splits `C=US, O=Example\, Inc.` and takes the escapes of RFC 4514 away. */
export const parseName = function (text: string): Name {
    const name: Name = {};
    let part = "";
    const add = function (): void {
        const at = part.indexOf("=");
        if (at > 0) name[part.substr(0, at)] = part.substr(at + 1);
        part = "";
    };
    for (let i = 0; i < text.length; i += 1) {
        const c = text[i] as string;
        const next = text[i + 1];
        if (c === "\\" && next !== undefined && /[,+"\\<>;]/.test(next)) {
            part += next;
            i += 1;
        } else if (c === "," && next === " ") {
            add();
            i += 1;
        } else {
            part += c;
        }
    }
    add();
    return name;
};

/** Fetches a report's text; empty when there is nothing to say. */
export const readReport = function (binding: Binding, session: number, report: number): string {
    const length = binding.call(ENTRY_REPORT, session, report, 0);
    if (length <= 0) return "";
    const text = binding.get(binding.call(ENTRY_REPORT_DATA, 0, 0, 0), length);
    binding.call(ENTRY_REPORT, 0, 0, 0);
    return text;
};

/** Fetches a report; empty when there is nothing to say. */
export const fetchReport = function (binding: Binding, session: number, report: number): Report {
    return parseReport(readReport(binding, session, report));
};

/** The pin of a key whose SHA-256 is known, in hexadecimal. */
const pinOf = function (hash: string): string {
    let bytes = "";
    for (let i = 0; i < hash.length; i += 2) {
        bytes += String.fromCharCode(parseInt(hash.substr(i, 2), 16));
    }
    return "sha256//" + btoa(bytes);
};

const toCertificate = function (report: Report): PeerCertificate {
    const certificate: PeerCertificate = {
        subject: parseName(report["subject"] || ""),
        issuer: parseName(report["issuer"] || ""),
        valid_from: report["notBefore"] || "",
        valid_to: report["notAfter"] || "",
        serialNumber: report["serial"] || "",
        fingerprint256: report["fingerprint"] || "",
        key: report["key"] || "",
    };
    if (report["pin"] !== undefined) certificate.pin = pinOf(report["pin"]);
    if (report["san"] !== undefined) certificate.subjectaltname = report["san"];
    return certificate;
};

/** The certificates of a report with an empty line between them. */
export const parseCertificates = function (text: string): PeerCertificate[] {
    return text
        .split(/\n\n/)
        .filter(function (part) {
            return part !== "" && part !== "\n";
        })
        .map(function (part) {
            return toCertificate(parseReport(part));
        });
};
