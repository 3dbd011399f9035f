// SPDX-License-Identifier: Apache-2.0
/** The servers that shared specs meet; none of them is ours. */
import { createHash, X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { alertServer, answeringServer, plainHttpServer, silentServer } from "../support/bad-servers.ts";
import { cachedPki } from "../support/pki.ts";
import type { BadName, Identity } from "../support/pki.ts";
import { freePort } from "../support/processes.ts";
import { nodeHttpsServer, nodeTlsServer, opensslServer } from "../support/servers.ts";
import type { Server, Version } from "../support/servers.ts";
import type { Peer } from "./shared.ts";

/** Bad identities by the name of the peer that has them. */
const BAD: [peer: string, name: BadName, version: Version][] = [
    ["wrongHost12", "wrongHost", "1.2"],
    ["wrongHost13", "wrongHost", "1.3"],
    ["expired", "expired", "1.2"],
    ["unknownIssuer", "unknownIssuer", "1.3"],
    ["selfSigned", "selfSigned", "1.2"],
    ["rsa1024", "rsa1024", "1.2"],
    ["badSignature", "badSignature", "1.3"],
];

/** All of them, running. */
export interface Peers {
    peers: Record<string, Peer>;
    close(): Promise<void>;
}

const describePeer = function (port: number, identity: Identity): Peer {
    const key = new X509Certificate(identity.certPem).publicKey.export({ type: "spki", format: "der" });
    return {
        host: "127.0.0.1",
        port,
        servername: identity.host,
        ca: Buffer.from(identity.rootDer).toString("latin1"),
        pin: `sha256//${createHash("sha256").update(key).digest("base64")}`,
    };
};

/** Starts them, on this machine and for it alone. */
export const startPeers = async function (): Promise<Peers> {
    const pki = await cachedPki();
    const servers: Server[] = [];
    const peers: Record<string, Peer> = {};
    const add = async (name: string, starting: Promise<Server>, identity = pki.ec): Promise<void> => {
        const server = await starting;
        servers.push(server);
        peers[name] = describePeer(server.port, identity);
    };
    for (const [version, short] of [["1.2", "12"], ["1.3", "13"]] as const) {
        await add(`ec${short}`, opensslServer({ identity: pki.ec, version, mode: "reverse" }));
        await add(`rsa${short}`, opensslServer({ identity: pki.rsa, version, mode: "reverse" }), pki.rsa);
    }
    for (const [peer, name, version] of BAD) {
        await add(peer, opensslServer({ identity: pki.bad[name], version, mode: "reverse" }), pki.bad[name]);
    }
    await add("pages", nodeHttpsServer({ identity: pki.rsa }), pki.rsa);
    // Ends the TCP connection without a word of TLS.
    const accept = (socket: TLSSocket): void => void socket.on("data", () => socket.destroy());
    await add("truncated", nodeTlsServer({ identity: pki.rsa, accept }), pki.rsa);
    await add("plain", plainHttpServer());
    await add("closing", answeringServer("")); // after the ClientHello
    await add("alert", alertServer(40));
    await add("silent", silentServer());
    peers["nobody"] = describePeer(await freePort(), pki.ec);
    return { peers, close: async () => void (await Promise.all(servers.map((server) => server.close()))) };
};
