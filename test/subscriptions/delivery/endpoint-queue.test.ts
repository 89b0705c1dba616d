import { createEndpointQueue } from '../../../src/subscriptions/delivery/endpoint-queue.ts'
import type { Turn } from '../../../src/subscriptions/delivery/endpoint-queue.ts'
import { createSlots } from '../../../src/subscriptions/delivery/slots.ts'
import { until } from '../../support/until.ts'

describe('the queue of an endpoint', () => {
  it('goes on trying, wherever the clock strikes between two looks at it', async () => {
    let time = 0
    let tries = 0
    const lane: Turn = { notBefore: 0 }
    const queue = createEndpointQueue<Turn>({
      slots: createSlots(2),
      limits: { base: 12, max: 12 },
      now: () => (time += 1),
      // Waits of every length up to some looks at the clock, each ending between two of them.
      random: () => ((tries % 24) + 0.5) / 24,
      attempt: () => {
        tries++
        queue.failed(0)
        setImmediate(() => {
          queue.schedule(lane)
        })
        return Promise.resolve()
      },
    })
    queue.schedule(lane)
    await until(
      () => tries,
      (count) => count > 200,
    )
    queue.close()
  })
})
