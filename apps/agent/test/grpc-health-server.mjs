// A gRPC server with the standard health service (grpc.health.v1), as a pod would run it: the port, and a file that says it is sick while it is there.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Server, ServerCredentials, loadPackageDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const [, , port, sickFile] = process.argv;
const proto = fileURLToPath(new URL("../src/grpc/health.proto", import.meta.url));
const { Health } = loadPackageDefinition(loadSync(proto, { enums: String, defaults: true })).grpc.health.v1;
const server = new Server();
/** Known services, besides the server as a whole. */
const SERVICES = ["", "shop.Orders"];
server.addService(Health.service, {
  check({ request }, done) {
    if (!SERVICES.includes(request.service)) return done({ code: status.NOT_FOUND, details: "unknown service" });
    done(null, { status: existsSync(sickFile) ? "NOT_SERVING" : "SERVING" });
  },
});
server.bindAsync(`0.0.0.0:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
  if (error !== null) throw error;
  console.log(`listening on ${bound}`);
});
process.on("SIGTERM", () => process.exit(0));
