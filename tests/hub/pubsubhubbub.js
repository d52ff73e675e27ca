// A subscriber made of the npm package "pubsubhubbub". It takes a JSON array in each line of standard input
// (["listen"], ["subscribe", topic, hub], ["unsubscribe", topic, hub]), and writes each event as a line of JSON.
'use strict';
const crypto = require('crypto');
const readline = require('readline');
const { createServer } = require(process.argv[2]);

const SECRET = 'a secret of the subscriber';
const write = (...event) => process.stdout.write(JSON.stringify(event) + '\n');
let subscriber;

const commands = {
    listen() {
        subscriber = createServer({ callbackUrl: '', secret: SECRET, leaseSeconds: 600 });
        for (const name of ['subscribe', 'unsubscribe', 'denied']) {
            subscriber.on(name, (data) => write(name, data.topic, data.lease || 0));
        }
        subscriber.on('error', (error) => write('error', String(error)));
        subscriber.on('feed', (data) => {
            write('feed', data.topic, data.headers['content-type'], data.headers['x-hub-signature'], data.feed.toString());
        });
        subscriber.on('listen', () => {
            const { port } = subscriber.server.address();
            subscriber.callbackUrl = `http://127.0.0.1:${port}/callback?kept=1`;
            write('listen', port);
        });
        subscriber.listen(0, '127.0.0.1');
    },
    subscribe(topic, hub) {
        subscriber.secret = SECRET;
        subscriber.subscribe(topic, hub, (error) => write('sent', error ? String(error) : ''));
        // Version 1.0.2 sends a secret derived from the topic, and checks signatures with its own.
        subscriber.secret = crypto.createHmac('sha1', SECRET).update(topic).digest('hex');
    },
    unsubscribe(topic, hub) {
        subscriber.unsubscribe(topic, hub, (error) => write('sent', error ? String(error) : ''));
    },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const [name, ...rest] = JSON.parse(line);
    commands[name](...rest);
}).on('close', () => process.exit(0));
