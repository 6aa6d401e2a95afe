// Jobs a second of BullMQ's job schedulers: one for each entity, no-op jobs, always overdue. For each of two settings it prints one JSON object.
// Arguments: port, entities, interval (ms), warm-up (s), window (s). A worker process is this file again: worker, port, concurrency.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const name = 'recurring';
const prefix = 'bullmq';
const settings = [[1, 200], [2, 100]];

if (process.argv[2] === 'worker') {
  const [port, concurrency] = process.argv.slice(3).map(Number);
  let done = 0;
  const worker = new Worker(name, async () => {}, { connection: { host: '127.0.0.1', port, maxRetriesPerRequest: null }, prefix, concurrency });
  worker.on('completed', () => done++);
  worker.on('failed', (_, error) => { throw error; });
  worker.on('error', error => { throw error; });
  process.on('message', message => message === 'count' ? process.send(done) : worker.close().then(() => process.exit(0)));
  process.on('disconnect', () => process.exit(1));
} else {
  const [port, entities, every, warmUp, window] = process.argv.slice(2).map(Number);
  const queue = new Queue(name, { connection: { host: '127.0.0.1', port }, prefix });
  for (let from = 0; from < entities; from += 1000) {
    await Promise.all(Array.from({ length: Math.min(1000, entities - from) }, (_, i) =>
      queue.upsertJobScheduler(`card-${from + i}`, { every }, { name: 'card', data: { card: from + i }, opts: { removeOnComplete: true, removeOnFail: true } })));
  }
  const { version } = createRequire(import.meta.url)('bullmq/package.json');
  for (const [processes, concurrency] of settings) {
    const workers = Array.from({ length: processes }, () => fork(fileURLToPath(import.meta.url), ['worker', port, concurrency]));
    workers.forEach(worker => worker.on('exit', code => code && process.exit(code)));
    await wait(warmUp);
    const [before, started] = [await count(workers), process.hrtime.bigint()];
    await wait(window);
    const [after, ended] = [await count(workers), process.hrtime.bigint()];
    console.log(JSON.stringify({
      version: `BullMQ ${version}`,
      settings: `${processes} worker process${processes > 1 ? 'es' : ''}, concurrency ${concurrency} each, completed jobs removed`,
      entities: await queue.getJobSchedulersCount(),
      jobsPerSecond: (after - before) / (Number(ended - started) / 1e9),
      askedPerSecond: entities / (every / 1000),
      overdue: await overdue(queue, port),
    }));
    await Promise.all(workers.map(worker => new Promise(resolve => { worker.on('exit', resolve); worker.send('close'); })));
  }
  await queue.close();
}

function wait(seconds) {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}

async function count(workers) {
  const counts = await Promise.all(workers.map(worker => new Promise(resolve => { worker.once('message', resolve); worker.send('count'); })));
  return counts.reduce((sum, each) => sum + each, 0);
}

// Those that wait, and those that are delayed until a time that has passed (its milliseconds times 4096).
async function overdue(queue, port) {
  const redis = new Redis(port, '127.0.0.1');
  const delayed = await redis.zcount(`${prefix}:${name}:delayed`, 0, Date.now() * 0x1000);
  await redis.quit();
  return delayed + await queue.getWaitingCount();
}
