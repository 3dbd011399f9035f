// SPDX-License-Identifier: Apache-2.0
/**
 * What trust, identity and sessions take of the arena beyond a handshake itself.
 *
 * @module
 */
import { CLIENT } from "../../modules/abi.gen.ts";
import type { SecureContextOptions } from "../../modules/secure_context.ts";
import type { TLSSocket } from "../../modules/tls_socket.ts";
import type { OpenBinding } from "../../wasm/binding.ts";
import type { EspruinoTls } from "../../wasm/node.ts";
import { rootBundle } from "../../wasm/roots.ts";
import { connect, disconnect, openFixed, read, serve, trust } from "./measure.ts";
import type { Figures, See } from "./measure.ts";
import type { Version } from "./servers.ts";

const ARENA = 65536;
const leafOf = (chain: string): string => read(`memory-${chain}-chain.pem`).split(/(?<=-----END CERTIFICATE-----\n)/)[0] ?? "";

/** Bytes of a context made of some options, in a core that has made others before. */
async function contextSize(options: SecureContextOptions): Promise<number> {
    let binding: OpenBinding | undefined;
    const core = await openFixed(ARENA, "wasm", (opened) => (binding = opened));
    const make = (of: SecureContextOptions): number => {
        const before = core.memory().inUse;
        if (binding) core.tls.createSecureContext(of)._handle(binding, CLIENT);
        return core.memory().inUse - before;
    };
    make({ ca: rootBundle("common") });
    const size = make(options);
    core.close();
    return size;
}

/** Bytes of contexts by what is in them. */
async function measureContexts(): Promise<Figures> {
    const bundle = await contextSize({ ca: rootBundle("common") });
    const anchor = read("memory-ec-root.pem");
    const figures: Figures = { "heap.part.context": bundle };
    figures["heap.part.anchor"] = (await contextSize({ ca: rootBundle("common"), extraCA: anchor })) - bundle;
    for (const chain of ["ec", "rsa"]) {
        const identity = { cert: leafOf(chain), key: read(`memory-${chain}-key.pem`) };
        figures[`heap.part.identity.${chain}`] = (await contextSize({ ca: rootBundle("common"), ...identity })) - bundle;
    }
    return figures;
}

/** Connects, exchanges a byte, and waits for a session if none was given. */
function visit(core: EspruinoTls, context: ReturnType<typeof trust>, port: number, session?: string): Promise<[TLSSocket, string]> {
    return new Promise((resolve, reject) => {
        const to = { host: "localhost", port, secureContext: context, handshakeTimeout: 300_000 };
        const socket = core.tls.connect({ ...to, ...(session === undefined ? {} : { session }) }, () => socket.write("x"));
        socket.on("data", () => resolve([socket, socket.getSession() ?? ""]));
        socket.on("error", reject);
    });
}

/**
 * A handshake that resumes, and one before it whose session it resumes.
 *
 * @param began - is called between the two
 * @throws Error when it was not resumed, or a signature was verified
 */
export async function measureResumed(version: Version, host = "wasm", see?: See, began?: () => void): Promise<Figures> {
    const name = `${host}.tls${version.replace(".", "")}.resumed`;
    const server = await serve("ec", version);
    const core = await openFixed(ARENA, host, see);
    const context = trust(core, "ec");
    const [first, session] = await visit(core, context, server.port);
    await disconnect(first);
    core.tls.resetMemory();
    began?.();
    const [second] = await visit(core, context, server.port, session);
    const { peak, signatures } = core.memory();
    if (!second.isSessionReused() || signatures !== 0) throw new Error(`not resumed, ${signatures} signatures`);
    await disconnect(second);
    core.close();
    await server.close();
    return { [`heap.${name}.peak`]: peak, [`count.${name}.signatures`]: signatures, [`size.session.tls${version.replace(".", "")}`]: session.length };
}

/** Bytes that the facts of the whole chain of two take (`keepChain`), on an idle connection. */
async function measureChain(): Promise<Figures> {
    const server = await serve("ec", "1.2");
    const idle = async (keepChain: boolean): Promise<number> => {
        const core = await openFixed(ARENA);
        const context = core.tls.createSecureContext({ ca: read("memory-ec-root.pem"), keepChain });
        const socket = await connect(core, context, server.port);
        const bytes = socket.memory().inUse;
        await disconnect(socket);
        core.close();
        return bytes;
    };
    const figures = { "heap.part.keepchain": (await idle(true)) - (await idle(false)) };
    await server.close();
    return figures;
}

/** All of it. */
export async function measureParts(): Promise<Figures> {
    return {
        ...(await measureContexts()), ...(await measureChain()),
        ...(await measureResumed("1.2")), ...(await measureResumed("1.3")),
    };
}
