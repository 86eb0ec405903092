// The app: what every request passes, in order, and all that the API does.

import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import type { Deps } from './deps.ts'
import { errorRegistry } from './error-registry.ts'
import { auditAdminRoutes } from './features/audit/admin-routes.ts'
import { authRoutes } from './features/auth/routes.ts'
import { secondFactorRoutes } from './features/auth/second-factor-routes.ts'
import { cartRoutes } from './features/carts/routes.ts'
import { checkoutRoutes } from './features/checkouts/routes.ts'
import { clientRoutes } from './features/clients/routes.ts'
import { collectionAdminRoutes } from './features/collections/admin-routes.ts'
import { collectionRoutes } from './features/collections/routes.ts'
import { customerAdminRoutes } from './features/customers/admin-routes.ts'
import { customerGroupRoutes } from './features/customers/group-routes.ts'
import { IMAGES_PATH, imageAdminRoutes, imageRoutes } from './features/images/routes.ts'
import { MAX_IMAGE_BYTES } from './features/images/schemas.ts'
import { IMPORTS_PATH, importRoutes } from './features/imports/routes.ts'
import { MAX_IMPORT_BYTES } from './features/imports/schemas.ts'
import { inventoryRoutes } from './features/inventory/admin-routes.ts'
import { locationRoutes } from './features/inventory/location-routes.ts'
import { mailboxRoutes } from './features/notifications/routes.ts'
import { authorizeRoutes } from './features/oauth/authorize/routes.ts'
import { clientFacingRoutes, oauthRoutes } from './features/oauth/routes.ts'
import { orderAdminRoutes } from './features/orders/admin-routes.ts'
import { orderRoutes } from './features/orders/routes.ts'
import { productAdminRoutes } from './features/products/admin-routes.ts'
import { productRoutes } from './features/products/routes.ts'
import { variantAdminRoutes } from './features/products/variant-admin-routes.ts'
import { promotionAdminRoutes } from './features/promotions/admin-routes.ts'
import { providerRoutes } from './features/providers/routes.ts'
import { shippingAdminRoutes } from './features/shipping/admin-routes.ts'
import { shopAdminRoutes } from './features/shop/admin-routes.ts'
import { shopRoutes } from './features/shop/routes.ts'
import { staffRoutes } from './features/staff/routes.ts'
import { taxAdminRoutes } from './features/taxes/admin-routes.ts'
import { userRoutes } from './features/users/routes.ts'
import { methodNotAllowed as methodNotAllowedKind, notFound } from './http/errors.ts'
import { healthRoutes } from './http/health.ts'
import { bodySize } from './http/middleware/body-size.ts'
import { errorsOnly } from './http/middleware/errors-only.ts'
import { idempotency } from './http/middleware/idempotency.ts'
import { principal } from './http/middleware/principal.ts'
import { rateLimit } from './http/middleware/rate-limit.ts'
import { requestLog } from './http/middleware/request-log.ts'
import { securityHeaders } from './http/middleware/security-headers.ts'
import { shopCors } from './http/middleware/shop-cors.ts'
import { utf8Body } from './http/middleware/utf8-body.ts'
import { openApiDocument } from './http/openapi.ts'
import { pages } from './http/pages.ts'
import { problem, toDomainError } from './http/problem.ts'
import { createRouter } from './http/router.ts'
import { DomainError } from './lib/errors.ts'

const MAX_REQUEST_ID_CHARS = 64

/** Builds the app over its dependencies. */
export function createApp(deps: Deps) {
  const app = createRouter()

  app.onError((error, c) => problem(c, toDomainError(error, c)))
  app.notFound(c => problem(c, new DomainError(notFound, 'There is nothing at this path.')))

  app.use(async function dependencies(c, next) {
    c.set('deps', deps)
    await next()
  })
  app.use(requestId({ limitLength: MAX_REQUEST_ID_CHARS, generator: () => deps.ids('request') }))
  app.use(requestLog())
  app.use(securityHeaders())
  app.use(shopCors(deps.config.CORS_ORIGINS))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = methods.join(', ')
        return problem(
          c,
          new DomainError(methodNotAllowedKind, `This path takes ${allow}.`, { headers: { Allow: allow } }),
        )
      },
    }),
  )
  app.route('/', imageRoutes())
  app.route('/', pages(errorRegistry))
  app.route('/', healthRoutes())
  app.use(bodySize({ [IMAGES_PATH]: MAX_IMAGE_BYTES, [IMPORTS_PATH]: MAX_IMPORT_BYTES }))
  app.use(rateLimit())
  // Their clients prove themselves in other ways than by an access token.
  app.route('/', clientFacingRoutes())
  app.use(principal())
  app.use(utf8Body())
  app.use(idempotency())
  app.use(errorsOnly())

  app.route('/', shopRoutes())
  app.route('/', productRoutes())
  app.route('/', collectionRoutes())
  app.route('/', cartRoutes())
  app.route('/', checkoutRoutes())
  app.route('/', orderRoutes())
  app.route('/', userRoutes())
  app.route('/', authRoutes())
  app.route('/', secondFactorRoutes())
  app.route('/', providerRoutes())
  app.route('/', staffRoutes())
  app.route('/', clientRoutes())
  app.route('/', authorizeRoutes())
  app.route('/', oauthRoutes())
  app.route('/', shopAdminRoutes())
  app.route('/', locationRoutes())
  app.route('/', inventoryRoutes())
  app.route('/', promotionAdminRoutes())
  app.route('/', shippingAdminRoutes())
  app.route('/', taxAdminRoutes())
  app.route('/', orderAdminRoutes())
  app.route('/', customerAdminRoutes())
  app.route('/', customerGroupRoutes())
  app.route('/', auditAdminRoutes())
  // Before products by id, one of which `export` is not.
  app.route('/', importRoutes())
  app.route('/', productAdminRoutes())
  app.route('/', variantAdminRoutes())
  app.route('/', collectionAdminRoutes())
  app.route('/', imageAdminRoutes())
  if (deps.config.ENVIRONMENT === 'local') app.route('/', mailboxRoutes())

  const document = openApiDocument(app, deps.config.PUBLIC_URL, errorRegistry)
  app.get('/openapi.json', c =>
    c.body(document(), 200, { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' }),
  )
  return app
}

export type App = ReturnType<typeof createApp>
