// SPDX-License-Identifier: Apache-2.0
/**
 * What a server's certificates amount to: which path leads to which root, which of them to load,
 * and what about it may cause trouble.
 *
 * @module
 */
import { span } from "../modules/errors.ts";
import type { TlsError } from "../modules/errors.ts";
import { day, hasSigned, isSameAuthority } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";

/** Where a certificate of a path comes from. */
export type Origin = "sent" | "store" | "fetched";

/** One way from the server's certificate upwards. */
export interface Path {
    /** The server's own first; the one to trust last. */
    certificates: Certificate[];
    /** Of the last one. */
    top: Origin;
}

/** The certificate to load, and the reasons. */
export interface Anchor {
    certificate: Certificate;
    origin: Origin;
    /** A root of the public web, an authority of somebody's own, or the server's certificate itself. */
    kind: "public root" | "private root" | "intermediate" | "leaf";
    why: string;
    /** The path to it. */
    path: Certificate[];
}

/** How it goes when the anchor is loaded. */
export interface Trial {
    /** Whom the certificate has to name. */
    name: string;
    /** Why the server is refused all the same; undefined when it is accepted. */
    error: TlsError | undefined;
}

/** All that is said about a chain. */
export interface Analysis {
    sent: Certificate[];
    anchor: Anchor | undefined;
    /** Why there is no anchor. */
    problem: string | undefined;
    /** The issuer that neither the server sends nor the store has. */
    missing: string | undefined;
    warnings: string[];
}

/** Less than this until a root ends is worth a warning: a year. */
const SOON = 365 * 86_400_000;

/** All paths; issuers are sought in the store first, as the board does. */
const findPaths = function (sent: Certificate[], fetched: Certificate[], store: Certificate[]): Path[] {
    const paths: Path[] = [];
    const extend = function (path: Certificate[]): void {
        const child = path.at(-1) as Certificate;
        const anchors = store.filter((root) => hasSigned(root, child));
        paths.push(...anchors.map((root): Path => ({ certificates: [...path, root], top: "store" })));
        const others = [...sent.slice(1), ...fetched].filter(
            (one) => hasSigned(one, child) && !path.some((known) => isSameAuthority(known, one)),
        );
        for (const issuer of others) extend([...path, issuer]);
        if (anchors.length === 0 && others.length === 0) {
            paths.push({ certificates: path, top: fetched.includes(child) ? "fetched" : "sent" });
        }
    };
    const [leaf] = sent;
    if (leaf) extend([leaf]);
    return paths;
};

/** When the first of a path's certificates above the leaf ends. */
const endOf = function (path: Path): number {
    return Math.min(...path.certificates.slice(1).map(({ until }) => until));
};

/** How good an anchor a path ends in; more is better, compared from the left. */
const rank = function (path: Path, now: number): number[] {
    const top = path.certificates.at(-1) as Certificate;
    const left = endOf(path) - now;
    const known = path.top === "store" ? 2 : top.selfIssued ? 1 : 0;
    return [known, Number(left > 0), Number(left > SOON), -path.certificates.length, top.until];
};

const best = function (paths: Path[], now: number): Path | undefined {
    const compare = (a: Path, b: Path): number => {
        const [one, two] = [rank(a, now), rank(b, now)];
        const at = one.findIndex((value, index) => value !== two[index]);
        return at < 0 ? 0 : (two[at] as number) - (one[at] as number);
    };
    return [...paths].sort(compare)[0];
};

const explain = function (path: Path, sent: Certificate[], missing: string | undefined): Anchor {
    const { certificates, top: origin } = path;
    const certificate = certificates.at(-1) as Certificate;
    const made = (kind: Anchor["kind"], why: string): Anchor => ({ certificate, origin, kind, why, path: certificates });
    if (origin === "store") {
        const also = sent.some((one) => one.der.equals(certificate.der));
        const how = also ? "the server sends it too, which it need not" : "the server does not send it, and need not";
        const steps = certificates.length - 2;
        const below = steps > 0 ? `The ${steps === 1 ? "intermediate" : `${steps} intermediates`} below it may change at any renewal; the root stays.` : "It issued the server's certificate itself.";
        return made("public root", `It is the root that the chain leads to, one of the public roots; ${how}. ${below}`);
    }
    if (certificate.selfIssued && certificate.isCa) {
        return made("private root", "It is the root of the chain, sent by the server itself and not one of the public roots: a private CA.");
    }
    const lacks = missing === undefined ? "" : ` ${missing}, which would be above it, is neither sent nor a public root.`;
    if (origin === "fetched") {
        return made("intermediate", "The server does not send it, so the root alone would not help: a board cannot fetch it, as browsers do.");
    }
    return made("intermediate", `It is the highest authority that the server sends.${lacks}`);
};

/** A sent copy of a store's root that another root has signed. */
const crossSigned = function (sent: Certificate[], store: Certificate[]): [copy: Certificate, root: Certificate][] {
    return sent.slice(1).flatMap((copy): [Certificate, Certificate][] => {
        const root = store.find((one) => isSameAuthority(one, copy) && !copy.selfIssued);
        return root ? [[copy, root]] : [];
    });
};

const orderWarnings = function (sent: Certificate[]): string[] {
    const found: string[] = [];
    sent.slice(1).forEach((certificate, index) => {
        const child = sent[index] as Certificate;
        if (hasSigned(certificate, child)) return;
        const at = sent.findIndex((one) => one !== certificate && hasSigned(certificate, one));
        const where = at < 0 ? "has issued none of the others" : `issued number ${at}, not number ${index}`;
        found.push(`number ${index + 1}, ${certificate.name}, ${where}: TLS 1.2 asks for the order of issuing (this library does not mind)`);
    });
    return found;
};

const rootWarnings = function (sent: Certificate[], store: Certificate[]): string[] {
    const found: string[] = [];
    for (const root of sent.slice(1).filter((one) => one.selfIssued)) {
        found.push(`the root ${root.name} is sent as well: superfluous, ${root.der.length} bytes at each handshake`);
    }
    for (const [copy, root] of crossSigned(sent, store)) {
        found.push(
            `${copy.name} is sent as signed by ${copy.issuer}, until ${day(copy.until)}: this library stops at ` +
                `the root ${root.name}; programs that follow the chain to its end (older ESP-IDF, ` +
                `CircuitPython) need ${copy.issuer}`,
        );
    }
    return found;
};

const dateWarnings = function (anchor: Anchor | undefined, sent: Certificate[], now: number): string[] {
    const found: string[] = [];
    const [leaf] = sent;
    const used = new Set([...(anchor?.path ?? []), ...(leaf ? [leaf] : [])]);
    for (const certificate of used) {
        const left = certificate.until - now;
        if (left < 0) found.push(`${certificate.name} expired ${span(-left)} ago, on ${day(certificate.until)}`);
        else if (certificate === anchor?.certificate && left < SOON) {
            found.push(`${certificate.name} ends in ${span(left)}, on ${day(certificate.until)}: plan for its successor`);
        }
        if (certificate.from > now) found.push(`${certificate.name} is not valid before ${day(certificate.from)}`);
    }
    for (const certificate of sent.filter((one) => !used.has(one) && one.until < now)) {
        found.push(`${certificate.name} (issued by ${certificate.issuer}) is sent and expired on ${day(certificate.until)}; no path needs it`);
    }
    return found;
};

/** A path up to the first certificate that the server should have sent: a board cannot go further. */
const cutAt = function (path: Path, fetched: Certificate[]): Path {
    const at = path.certificates.findIndex((one) => fetched.includes(one));
    return at < 0 ? path : { certificates: path.certificates.slice(0, at + 1), top: "fetched" };
};

/**
 * Analyses a chain.
 *
 * @param sent - what the server sends, its own certificate first
 * @param fetched - issuers found elsewhere
 * @param allowLeaf - the server's own certificate may be the anchor
 */
export const analyse = function (
    sent: Certificate[],
    fetched: Certificate[],
    store: Certificate[],
    now: number,
    allowLeaf: boolean,
): Analysis {
    const whole = best(findPaths(sent, fetched, store), now);
    const path = whole && cutAt(whole, fetched);
    const top = path?.certificates.at(-1);
    const missing = path && top && path.top !== "store" && !top.selfIssued ? top.issuer : undefined;
    const leafOnly = path?.certificates.length === 1;
    let anchor = path && !leafOnly ? explain(path, sent, missing) : undefined;
    let problem: string | undefined;
    if (path && leafOnly && top) {
        problem = top.selfIssued
            ? "the server's certificate is self-signed: there is no authority to trust. With --leaf it is chosen itself"
            : `the server sends its own certificate only; its issuer ${top.issuer} is missing, and no public root`;
    }
    if (allowLeaf && sent[0]) {
        anchor = { certificate: sent[0], origin: "sent", kind: "leaf", path: [sent[0]], why: "You asked for the server's own certificate: it serves until the next renewal only." };
        problem = undefined;
    }
    const warnings = [...dateWarnings(anchor, sent, now), ...rootWarnings(sent, store), ...orderWarnings(sent)];
    if (anchor?.origin === "fetched") {
        warnings.push("the server does not send its intermediate; browsers hide that. Better than loading it: let the server send its full chain");
    }
    if (anchor && whole?.top !== "store") {
        warnings.push(`nobody vouches for ${anchor.certificate.name} but the server itself: compare its fingerprint with somebody who knows`);
    }
    return { sent, anchor, problem, missing, warnings };
};
