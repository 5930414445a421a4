# The checks of policies/systems.cedar.
package systems

import rego.v1

default access_rules := "fail"

access_rules := "pass" if input.access_rules > 0

default account_list := "fail"

account_list := "unknown" if {
	input.list == null
} else := "unknown" if {
	not input.list.complete
} else := "pass" if {
	input.list.hours <= input.max_age_hours
}

outcomes contains ["access-rules-configured", "", access_rules]

outcomes contains ["account-list-current", "", account_list]
