// A chat server as tutorials write it, on the package ws.
//
// usage: node node_ws_server.mjs PORT FOLDER; FOLDER has node_modules/ws.
//
// {"action":"join","id":1,"room":"r1"} is answered with {"reply":1};
// {"action":"send","room":"r1","text":"hi","id":2} brings each member, the
// sender too, {"event":"message","room":"r1","text":"hi"} and, when it has an
// id, the sender {"reply":2}.
import { createRequire } from 'node:module';

const [port, folder] = process.argv.slice(2);
const { WebSocketServer } = createRequire(`${folder}/`)('ws');

const rooms = new Map();

function join(socket, { id, room }) {
  if (!rooms.has(room)) rooms.set(room, new Set());
  rooms.get(room).add(socket);
  socket.on('close', () => rooms.get(room).delete(socket));
  socket.send(JSON.stringify({ reply: id }));
}

function send(socket, { id, room, text }) {
  const event = JSON.stringify({ event: 'message', room, text });
  for (const member of rooms.get(room) ?? []) member.send(event);
  if (id !== undefined) socket.send(JSON.stringify({ reply: id }));
}

const actions = { join, send };

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(port),
  backlog: 4096,
});
server.on('connection', (socket) => {
  socket.on('message', (bytes) => {
    const request = JSON.parse(bytes);
    actions[request.action]?.(socket, request);
  });
  socket.on('error', () => socket.terminate());
});
