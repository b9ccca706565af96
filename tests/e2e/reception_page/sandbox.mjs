// The sandbox of the cases, in the folder and with the binary that the command line names: importing
// this brings it up.
import { execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const [binary, folder] = process.argv.slice(2);
export const root = fileURLToPath(new URL('../../..', import.meta.url));

async function bringUp() {
  const up = spawn(binary, ['dev', 'up', '--dir', folder, '--cluster', path.join(folder, 'pg'),
    '--persons', '200', '--first-port', '19443',
    '--postgres-script', path.join(root, 'deploy/postgres-private')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  await new Promise((resolve, reject) => {
    // On a busy machine the keys of the cards take their time.
    const timer = setTimeout(() => {
      up.kill('SIGINT');
      reject(new Error(`the sandbox is not up:\n${said}`));
    }, 300_000);
    const hear = (chunk) => {
      said += chunk;
      if (!said.includes('起動しています')) return;
      clearTimeout(timer);
      resolve();
    };
    up.stdout.on('data', hear);
    up.stderr.on('data', hear);
    up.on('exit', () => reject(new Error(`the sandbox ended:\n${said}`)));
  });
  const desk = Object.fromEntries([...said.matchAll(/^export (\w+)='(.*)'$/gm)].map((one) => [one[1], one[2]]));
  const operators = said.match(/(\d+) \(operators\)/)[1];
  return { up, desk, operators };
}

const { up, desk, operators } = await bringUp();
// environment is what the desk's commands are run in.
export const environment = { ...process.env, ...desk };
export const kakunin = (...words) => execFileSync(binary, words, { env: environment, encoding: 'utf8' });
export const asAdministrator = (...words) => JSON.parse(kakunin('call', 'reception-links', ...words, '--json'));

export const tls = (name) => path.join(folder, 'tls', name);
export const asOperator = (...words) => kakunin(...words, '--server', `localhost:${operators}`,
  '--certificate', tls('operator.pem'), '--key', tls('operator.key'), '--ca', tls('server-ca.pem'));

const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
// bookingWeek is a Monday that lies at least two days ahead, and its Thursday.
export function bookingWeek() {
  const day = new Date(`${today}T00:00:00Z`);
  do day.setUTCDate(day.getUTCDate() + 1); while (day.getUTCDay() !== 1 || day - new Date(`${today}T00:00:00Z`) < 2 * 86_400_000);
  const monday = day.toISOString().slice(0, 10);
  day.setUTCDate(day.getUTCDate() + 3);
  return [monday, day.toISOString().slice(0, 10)];
}
// Servers notice a clock that was set within 100 ms.
export const settled = () => new Promise((resolve) => { setTimeout(resolve, 250); });
export const homeVisit = () => asAdministrator('create', '--form-of-care', 'home-visit');
export const booking = (day = today) => asAdministrator('create', '--form-of-care', 'online-care', '--appointment-date', day, '--booking-name', 'A-17');

// takeDown ends the sandbox and waits for it.
export async function takeDown() {
  up.removeAllListeners('exit');
  const ended = new Promise((resolve) => { up.on('exit', resolve); });
  up.kill('SIGINT');
  await ended;
}
