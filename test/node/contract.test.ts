// The same guarantees on libSQL, where every body is validated against its schema besides.

import '../contract/headers.test.ts'
import '../contract/input.test.ts'
import '../contract/logs-and-limits.test.ts'
import '../contract/transport.test.ts'
