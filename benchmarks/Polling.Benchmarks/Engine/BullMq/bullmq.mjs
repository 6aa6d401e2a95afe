// Jobs a second of BullMQ: no-op jobs, concurrency 200, one worker process. Two figures: of a job's whole life, from its being added (1,000 at a
// time) to its end, and of its processing only.
import { Queue, Worker } from 'bullmq';

const [port, jobs] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const options = { connection, prefix: 'bullmq' };
const queue = new Queue('bench', options);
const added = process.hrtime.bigint();
for (let from = 0; from < jobs; from += 1000) {
  await queue.addBulk(Array.from({ length: Math.min(1000, jobs - from) }, (_, i) => ({
    name: 'card', data: { card: from + i }, opts: { removeOnComplete: true },
  })));
}
let done = 0;
const started = process.hrtime.bigint();
const worker = new Worker('bench', async () => {}, { ...options, concurrency: 200 });
await new Promise((resolve, reject) => {
  worker.on('error', reject);
  worker.on('completed', () => ++done === jobs && resolve());
});
const ended = process.hrtime.bigint();
console.log([added, started].map(since => Math.round(jobs / (Number(ended - since) / 1e9))).join(' '));
await worker.close();
await queue.close();
