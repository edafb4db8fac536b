import { brokerFile, type BrokerFile } from './kafka.ts'
import type { Promised } from './invariants.ts'
import type { World } from './world.ts'

export interface Defect {
  /** Which promise it breaks. */
  breaks: Promised
  /** The seed with which the search begins, where only a rare history shows it; 1 without. */
  from?: number
  /** Does to a model what would be wrong in the product. */
  make: (world: World) => void
}

export const defects: Readonly<Record<string, Defect>> = {
  'a write asks nobody whether the lease is still held': {
    breaks: 'nothing is written under a stale token',
    make: ({ engine }) => {
      engine.write = (_lease, work) => work()
    },
  },
  'a step begins under a lease that is over': {
    breaks: 'nothing is written under a stale token',
    make: ({ engine }) => {
      const held = engine.held.bind(engine)
      const beginStep = engine.beginStep.bind(engine)
      engine.beginStep = (lease, step) => {
        engine.held = (key) => engine.read(key)
        const begun = beginStep(lease, step)
        engine.held = held
        return begun
      }
    },
  },
  'a lease is let go by whoever had it before': {
    breaks: 'nothing is written under a stale token',
    make: ({ engine }) => {
      const release = engine.release.bind(engine)
      engine.release = (lease, result) =>
        release({ ...lease, token: engine.read(lease)?.leaseToken ?? lease.token }, result)
    },
  },
  'a lease is renewed after its end': {
    breaks: 'nothing is written under a stale token',
    make: ({ engine }) => {
      engine.renew = (lease, ttlMs) => {
        const row = engine.underToken(lease)
        if (row !== undefined) engine.put({ ...row, leaseExpiresAt: engine.now() + ttlMs })
        return row !== undefined
      }
    },
  },
  'machines do what they are told by whoever comes late': {
    breaks: 'nothing is written under a stale token',
    make: ({ orchestrator, machines }) => {
      const apply = orchestrator.apply.bind(orchestrator)
      orchestrator.apply = (manifest, token) =>
        apply(manifest, Math.max(token, machines.read(manifest.name)?.token ?? token))
    },
  },
  'a lease that another holds is given away': {
    breaks: 'one holds the lease',
    make: ({ engine }) => {
      const acquire = engine.acquire.bind(engine)
      engine.acquire = (kind, id, holder, ttlMs) => {
        const row = engine.read({ kind, id })
        if (row !== undefined) engine.put({ ...row, leaseExpiresAt: null })
        return acquire(kind, id, holder, ttlMs)
      }
    },
  },
  'tokens begin anew with each row': {
    breaks: 'tokens only grow',
    make: ({ engine }) => {
      const acquire = engine.acquire.bind(engine)
      engine.acquire = (kind, id, holder, ttlMs) => {
        const before = engine.read({ kind, id })?.leaseToken ?? 0n
        const lease = acquire(kind, id, holder, ttlMs)
        const row = engine.read({ kind, id })
        if (lease === undefined || row === undefined) return lease
        engine.put({ ...row, leaseToken: before + 1n })
        return { ...lease, token: before + 1n }
      }
    },
  },
  'what is settled is not read once more before it is let go': {
    breaks: 'settled is settled',
    make: ({ engine }) => {
      const release = engine.release.bind(engine)
      engine.release = (lease, result) => {
        const { generation } = engine.read(lease) ?? lease
        return release({ ...lease, generation }, result)
      }
    },
  },
  'a new generation makes what was observed forgotten': {
    breaks: 'observed_generation never falls',
    make: ({ engine }) => {
      const desire = engine.desire.bind(engine)
      engine.desire = (kinds, id, organizationId) => {
        desire(kinds, id, organizationId)
        for (const kind of kinds) {
          const row = engine.read({ kind, id })
          if (row !== undefined) engine.put({ ...row, observedGeneration: 0n })
        }
      }
    },
  },
  'a change sets no time at which it is due': {
    breaks: 'nothing that was asked for is lost',
    make: ({ engine }) => {
      engine.desire = (kinds, id, organizationId) => {
        for (const kind of kinds) {
          engine.desireOnce(kind, id, organizationId)
          const row = engine.read({ kind, id })
          if (row !== undefined) engine.put({ ...row, generation: row.generation + 1n, nextCheckAt: null })
          engine.ring(kind, id)
        }
      }
    },
  },
  'a change does not tell the engine': {
    breaks: 'nothing that was asked for is lost',
    make: ({ engine }) => {
      const desire = engine.desire.bind(engine)
      let changes = 0
      engine.desire = (kinds, id, organizationId) => {
        if (++changes % 5 > 0) desire(kinds, id, organizationId)
      }
    },
  },
  'a change now and then leaves no audit row': {
    breaks: 'one audit row for each change',
    make: ({ engine }) => {
      let changes = 0
      engine.audit = (row) => void (++changes % 5 > 0 && engine.audits.push(row))
    },
  },
  'a change now and then leaves two audit rows': {
    breaks: 'one audit row for each change',
    make: ({ engine }) => {
      let changes = 0
      engine.audit = (row) => void engine.audits.push(row, ...(++changes % 5 > 0 ? [] : [row]))
    },
  },
  'one more passes a quota than there is room for': {
    breaks: 'no quota is exceeded',
    make: ({ control, limits }) => {
      control.limits = { ...limits, clusters: limits.clusters + 1, keys: limits.keys + 1 }
    },
  },
  'a topic that is known already reserves only what it is to have more': {
    breaks: 'no quota is exceeded',
    make: ({ control }) => {
      const reserve = control.reservePartitions.bind(control)
      control.reservePartitions = (author, id, topic) => reserve(author, id, { ...topic, isNew: false })
    },
  },
  'a deletion that is told late takes a new topic out of the catalogue': {
    breaks: 'no quota is exceeded',
    make: ({ control }) => {
      const recordDeleted = control.recordDeletedTopic.bind(control)
      control.recordDeletedTopic = (author, id, name) => recordDeleted(author, id, name, Infinity)
    },
  },
  'what a request has reserved is gone before it can have used it': {
    breaks: 'no quota is exceeded',
    make: ({ control }) => {
      const catalogueOf = control.catalogueOf.bind(control)
      control.catalogueOf = (id) => catalogueOf(id).map((entry) => ({ ...entry, settling: false }))
    },
  },
  'a listing overwrites what was changed since it was read': {
    breaks: 'no quota is exceeded',
    from: 3000,
    make: ({ control }) => {
      const correct = control.correctCatalogue.bind(control)
      control.correctCatalogue = (id, corrections) => correct(id, corrections, Infinity)
    },
  },
  'what a request that died had reserved is never given back': {
    breaks: 'nothing that was asked for is lost',
    make: ({ control }) => {
      const catalogueOf = control.catalogueOf.bind(control)
      control.catalogueOf = (id) =>
        catalogueOf(id).map((entry) => ({ ...entry, settling: entry.settling || entry.reservedPartitions > 0 }))
    },
  },
  'a broker with an empty volume founds a quorum of its own': {
    breaks: 'no two members with one identity',
    make: (world) => {
      changeBrokers(world, (file) => ({ ...file, formation: 'found' }))
    },
  },
  'a broker is somebody else at each start': {
    breaks: 'no two members with one identity',
    make: (world) => {
      changeBrokers(world, (file) => ({ ...file, directoryId: `directory-${world.random.next()}` }))
    },
  },
  'nobody takes down what a late worker brought back': {
    breaks: 'nothing that was asked for is lost',
    make: ({ engine }) => {
      engine.desireOnce = () => undefined
    },
  },
  'a late publication counts as the newest': {
    breaks: 'nothing deleted comes back',
    make: ({ machines }) => {
      const publish = machines.publish.bind(machines)
      machines.publish = (name, _epoch, records) => {
        const { epoch, access } = machines.inside(name)
        for (const { key } of records) access.delete(key)
        publish(name, epoch, records)
      }
    },
  },
}

function changeBrokers({ machines }: World, change: (file: BrokerFile) => BrokerFile) {
  const countStart = machines.countStart.bind(machines)
  machines.countStart = (name, manifest) => {
    const file = JSON.parse(manifest.files['broker'] ?? '') as BrokerFile
    countStart(name, { ...manifest, files: brokerFile(change(file)) })
  }
}
