// Package vigie holds the rules that bind the whole repository; its tests are its only content.
package vigie
