// The world in which the buyers of the crash test live: one server that is killed and started again, and a cron that
// keeps sweeping. Who wants something of the server waits until there is one.

import { type CallOptions, type HttpAnswer, type HttpClient, openClient, sleep } from '../lib/http-client.ts'
import { type Bundle, type RunningWorker, startWorker } from '../lib/worker.ts'

/** Connections for buyers and the cron together. */
const CONNECTIONS = 40
const SWEEP_EVERY_MS = 700
/** Attempts that the Worker settles in one sweep. */
const SWEEP_SIZE = 50

/** Seconds after which an attempt is anybody's to finish: short, so that finishing races with retries. */
export const STALE_SECONDS = 2

export interface World {
  /** Sends a request to the server of the moment; waits for one when there is none. Null: the connection broke. */
  call(method: string, path: string, options?: CallOptions): Promise<HttpAnswer | null>
  /** SIGKILLs the server and all its processes, and starts it anew on the same data. */
  crash(): Promise<void>
  /** Sweeps every now and then until told to stop. */
  keepSweeping(): { stop(): Promise<void> }
  /** Sweeps often enough for so many attempts. */
  sweep(attempts: number): Promise<void>
  stop(): Promise<void>
}

interface Epoch {
  server: RunningWorker
  client: HttpClient
}

/** Starts the world on the data in `directory`. */
export async function openWorld(bundle: Bundle, directory: string): Promise<World> {
  const begin = async (): Promise<Epoch> => {
    const server = await startWorker({
      ...bundle,
      directory,
      vars: { COMPLETION_STALE_SECONDS: String(STALE_SECONDS) },
    })
    return { server, client: openClient(server.url, CONNECTIONS) }
  }
  let epoch = begin()
  await epoch

  const call: World['call'] = async (method, path, options) => {
    const { client } = await epoch
    return client.call(method, path, options).catch(() => null)
  }
  const sweepOnce = () => call('GET', '/cdn-cgi/local/scheduled?cron=*+*+*+*+*')

  return {
    call,
    crash: async () => {
      const { server, client } = await epoch
      let restart: (next: Promise<Epoch>) => void = () => {}
      epoch = new Promise<Epoch>(resolve => {
        restart = resolve
      })
      await server.kill()
      client.close()
      restart(begin())
      await epoch
    },
    keepSweeping: () => {
      let isOn = true
      const loop = (async () => {
        for (; isOn; await sleep(SWEEP_EVERY_MS)) await sweepOnce()
      })()
      return {
        stop: async () => {
          isOn = false
          await loop
        },
      }
    },
    sweep: async attempts => {
      for (let done = 0; done <= attempts; done += SWEEP_SIZE) {
        const answer = await sweepOnce()
        if (answer?.status !== 200) throw new Error(`the sweep answered ${answer?.status}: ${answer?.text}`)
      }
    },
    stop: async () => {
      const { server, client } = await epoch
      client.close()
      await server.stop()
    },
  }
}
