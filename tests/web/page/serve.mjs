// Serves the page and a server in memory, to look at the page without chatd:
//   node tests/web/page/serve.mjs [PORT]
// Prints the address. Port 0, the default, takes a free one.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { Server } from "../server.mjs";

const ROOT = fileURLToPath(new URL("../../../web/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; " +
  "img-src 'self' data:; connect-src 'self'";

const chat = new Server();
const design = chat.makeRoom("design", "Type, colour and everything that is seen");
chat.makeRoom("operations", "Deploys, alarms and the pager");
chat.makeRoom("reading-club", "One chapter a week");

function fill(room, count) {
  const people = ["Ada", "Grace", "Linus", "Margaret"].map((name, index) => ({
    id: String(1000 + index),
    name,
  }));
  for (let index = 1; index <= count; index += 1) {
    const person = people[Math.floor(index / 3) % people.length];
    chat.append(room, person, `seed-${index}`, {
      event: "message",
      text: `Message number ${index} of ${count}.`,
    });
  }
}
fill(design, Number(process.env.SEED ?? 0));

async function serveFile(request, response) {
  const path = new URL(request.url, "http://localhost").pathname;
  if (path === "/config.json") {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ url: "/ws", subprotocol: true }));
    return;
  }
  const file = join(ROOT, normalize(path === "/" ? "/index.html" : path));
  try {
    const bytes = await readFile(file);
    response.setHeader("content-type", TYPES[extname(file)] ?? "text/plain");
    response.setHeader("content-security-policy", POLICY);
    response.end(bytes);
  } catch {
    response.statusCode = 404;
    response.end();
  }
}

function encodeFrame(text) {
  const payload = Buffer.from(text);
  if (payload.length < 126) {
    return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  }
  const header = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([header, payload]);
}

// The first frame in the buffer: {opcode, payload, size}, or null.
function decodeFrame(buffer) {
  if (buffer.length < 6) return null;
  let length = buffer[1] & 127;
  let offset = 2;
  if (length === 126) {
    length = buffer.readUInt16BE(2);
    offset = 4;
  }
  const size = offset + 4 + length;
  if (buffer.length < size) return null;
  const mask = buffer.subarray(offset, offset + 4);
  const payload = Buffer.from(buffer.subarray(offset + 4, size));
  for (let index = 0; index < length; index += 1) payload[index] ^= mask[index % 4];
  return { opcode: buffer[0] & 15, payload, size };
}

function accept(request, socket) {
  const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const key = request.headers["sec-websocket-key"];
  const answer = createHash("sha1").update(key + magic).digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
      `Connection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n` +
      "Sec-WebSocket-Protocol: chat.v1\r\n\r\n",
  );
  const connection = chat.connect((object) => {
    socket.write(encodeFrame(`${JSON.stringify(object)}\n`));
  });
  let buffer = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    buffer = Buffer.concat([buffer, bytes]);
    for (let frame; (frame = decodeFrame(buffer)); ) {
      buffer = buffer.subarray(frame.size);
      if (frame.opcode === 1) connection.receive(frame.payload.toString());
      if (frame.opcode === 8) socket.end(Buffer.from([0x88, 0]));
    }
  });
  socket.on("close", () => connection.close());
  socket.on("error", () => socket.destroy());
}

const http = createServer(serveFile);
http.on("upgrade", accept);
http.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${http.address().port}/`);
});
