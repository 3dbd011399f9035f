// SPDX-License-Identifier: Apache-2.0
/**
 * What `espruino-tls ca fetch` tells, for people and for programs.
 *
 * @module
 */
import { span } from "../modules/errors.ts";
import { day, hasSigned } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";
import type { Analysis, Trial } from "./chain.ts";
import { bytes, harmless, wrapped } from "./terminal.ts";
import type { Paints } from "./terminal.ts";

const WIDTH = 96;

/** Breaks a text into lines that begin with `indent`. */
const indented = function (text: string, indent: string): string[] {
    return wrapped(text, WIDTH - indent.length).map((line) => indent + line);
};

const until = function (certificate: Certificate, now: number): string {
    const left = certificate.until - now;
    const date = day(certificate.until);
    return left < 0 ? `expired ${span(-left)} ago, on ${date}` : `until ${date} (${span(left)})`;
};

/** Who has issued a certificate, and where to find him. */
const issuerText = function (certificate: Certificate, analysis: Analysis): string {
    const { sent, anchor } = analysis;
    if (certificate.selfIssued) return "issued by itself";
    const at = sent.findIndex((one) => hasSigned(one, certificate));
    const root = anchor && anchor.origin !== "sent" && hasSigned(anchor.certificate, certificate) ? anchor : undefined;
    const places = [
        ...(at >= 0 ? [`number ${at}`] : []),
        ...(root ? [root.origin === "store" ? "a public root" : "found at the address in the certificate"] : []),
    ];
    return `issued by ${certificate.issuer}: ${places.join(", and ") || "not sent, and no public root"}`;
};

const names = function (certificate: Certificate): string {
    const all = (certificate.x509.subjectAltName ?? "").split(", ").map((one) => one.replace(/^DNS:/, ""));
    return harmless(all.slice(0, 4).join(", ") + (all.length > 4 ? ` and ${all.length - 4} more` : ""));
};

const trialLines = function ({ name, error }: Trial, paint: Paints): string[] {
    if (!error) return [`  ${paint.green("Tried out:")} a board that loads it accepts ${harmless(name)}.`];
    const text = `Tried out: a board that loads it still refuses ${harmless(name)}: ${error.code}: ${harmless(error.message)}.`;
    return indented(text, "    ").map((line, at) => (at === 0 ? `  ${paint.red("!")} ${line.trim()}` : line));
};

/** The report for people, line by line. */
export const reportLines = function (
    where: string,
    seen: string,
    analysis: Analysis,
    trial: Trial | undefined,
    now: number,
    paint: Paints,
): string[] {
    const { sent, anchor, problem, warnings } = analysis;
    const count = `${sent.length} ${sent.length === 1 ? "certificate" : "certificates"}`;
    const lines = [`${paint.bold(where)} sends ${count}${seen ? ` (${seen})` : ""}`, ""];
    sent.forEach((certificate, at) => {
        lines.push(`  ${at}  ${paint.bold(certificate.name)}  ${paint.dim(`${certificate.key}, ${bytes(certificate.der.length)}`)}`);
        if (at === 0) lines.push(`     for ${names(certificate)}`);
        lines.push(`     ${until(certificate, now)}`, `     ${issuerText(certificate, analysis)}`);
    });
    lines.push("");
    if (anchor) {
        const { certificate } = anchor;
        const size = `${certificate.key}, ${bytes(certificate.der.length)}`;
        lines.push(`${paint.green("Load:")} ${paint.bold(certificate.name)}  ${paint.dim(`${anchor.kind}, ${size}`)}`);
        lines.push(...indented(anchor.why, "  "));
        lines.push(`  It serves ${until(certificate, now)}.`, `  SHA-256 ${certificate.fingerprint}`);
        if (trial) lines.push(...trialLines(trial, paint));
    } else {
        lines.push(...indented(`${paint.red("Nothing to load:")} ${problem ?? "there is no path to an authority"}.`, ""));
    }
    for (const warning of warnings) {
        const [first = "", ...rest] = indented(warning, "    ");
        lines.push(`  ${paint.red("!")} ${first.trim()}`, ...rest);
    }
    return lines;
};

const facts = function (certificate: Certificate): { [key: string]: unknown } {
    return {
        name: certificate.name,
        subject: harmless(certificate.x509.subject ?? "").replaceAll("\\x0a", ", "),
        issuer: harmless(certificate.x509.issuer ?? "").replaceAll("\\x0a", ", "),
        key: certificate.key,
        notBefore: new Date(certificate.from).toISOString(),
        notAfter: new Date(certificate.until).toISOString(),
        fingerprint256: certificate.fingerprint,
        bytes: certificate.der.length,
    };
};

/** The object that `--json` prints. */
export const jsonOf = function (where: string, analysis: Analysis, trial: Trial | undefined): { [key: string]: unknown } {
    const { sent, anchor, problem, missing, warnings } = analysis;
    return {
        source: where,
        sent: sent.map(facts),
        anchor: anchor && {
            ...facts(anchor.certificate),
            kind: anchor.kind,
            origin: anchor.origin,
            why: anchor.why,
            path: anchor.path.map(({ name }) => name),
            base64: anchor.certificate.der.toString("base64"),
        },
        problem,
        missing,
        warnings,
        trial: trial && {
            host: trial.name,
            good: trial.error === undefined,
            error: trial.error && { code: trial.error.code, message: harmless(trial.error.message) },
        },
    };
};
