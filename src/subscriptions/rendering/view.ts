/**
 * What all notifications of a subscription look like: its members of clauses 5.2.12 and 5.2.14 (ETSI GS CIM 009 V1.9.1) in the
 * words of those that render answers.
 */
import { optional } from '../../base/optional.ts'
import { preferencesIn } from '../../base/preferences.ts'
import { coreContext } from '../../core/context/compile.ts'
import type { Join } from '../../core/model/join.ts'
import { parseLang } from '../../core/model/language.ts'
import type { MemberTree } from '../../core/model/member-tree.ts'
import type { RenderOptions } from '../../core/model/render/options.ts'
import { CURRENT_VERSION } from '../../core/model/render/version.ts'
import type { Endpoint, Subscription } from '../../core/model/subscription.ts'
import { parseProjection } from '../../core/query/parse-members.ts'

export interface NotificationView {
  /** All but the @context, which is known at delivery. */
  readonly options: Omit<RenderOptions, 'context'>
  readonly join?: Join
  /** Where the @context is: in a Link, in the body, or in the FeatureCollection in the body (clauses 5.3.1, 6.3.8). */
  readonly contextIn: 'link' | 'body' | 'collection'
}

const views = new WeakMap<Subscription, NotificationView>()

/** The view of a subscription, made once. Throws BadRequestData naming `pick` or `omit` where these do not parse. */
export function viewOf(subscription: Subscription): NotificationView {
  const known = views.get(subscription)
  if (known !== undefined) return known
  const view = createView(subscription)
  views.set(subscription, view)
  return view
}

function createView(subscription: Subscription): NotificationView {
  const { format, sysAttrs, attributes, datasets, lang, version, join, endpoint } = subscription
  return {
    options: {
      format,
      sysAttrs,
      ...optional('attributes', attributes && new Set(attributes)),
      ...optional('pick', projectionOf(subscription, 'pick')),
      ...optional('omit', projectionOf(subscription, 'omit')),
      ...optional('datasets', datasets && new Set(datasets)),
      ...optional('languages', lang === undefined ? undefined : parseLang(lang, 'lang')),
      ...optional('version', version === CURRENT_VERSION ? undefined : version),
    },
    ...optional('join', join),
    contextIn: contextPlace(endpoint),
  }
}

/** The stored projection is in core names already. */
function projectionOf({ join, ...subscription }: Subscription, name: 'pick' | 'omit'): MemberTree | undefined {
  const text = subscription[name]
  if (text === undefined) return undefined
  return parseProjection(coreContext, { name: `notification.${name}`, text }, join?.levels ?? 0)
}

function contextPlace({ accept, receiverInfo }: Endpoint): NotificationView['contextIn'] {
  switch (accept) {
    case 'application/json':
      return 'link'
    case 'application/ld+json':
      return 'body'
    case 'application/geo+json': {
      const preference = receiverInfo.find(({ key }) => key.toLowerCase() === 'prefer')
      return preferencesIn(preference?.value ?? '').get('body') === 'json' ? 'link' : 'collection'
    }
  }
}
