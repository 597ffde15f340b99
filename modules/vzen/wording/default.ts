import type { WrittenWording } from '#sdk'

/**
 * What `vzen` asks and says, for every OS build that has no wording of its own. Edit it, or let an inventory say under
 * `appliance.wording` what your build says differently: its patterns are tried before these.
 *
 * A pattern is a regular expression, without regard to case, held against the line that the command stopped at. An answer
 * is typed as it stands; `{address}` stands for a value of the step, `yes`, `no`, `keep` and `delete` in braces for the
 * letter or word that the prompt itself offers for that. A prompt without an answer is one that the module decides.
 */
export const DEFAULT_WORDING: WrittenWording = {
  build: 'ZscalerOS',
  failures: [
    '^\\s*please re-?enter(?!.*pass).*$',
    '^\\s*at ?least one .*required.*$',
    '^\\s*(?:invalid|error|fatal)\\b.*$',
    '^.*\\b(?:is|are) not valid\\b.*$',
    '^.*must (?:have|be) at least.*$',
    '^sorry, try again.*$',
    '^permission denied.*$',
    '^.*is not in the sudoers.*$',
    '^.*no space left on device.*$',
  ],
  commands: {
    'configure-network': {
      prompts: {
        'DNS server that is there': {
          patterns: [
            '^\\s*(?:nameserver|dns(?: server)?)\\s*:?\\s*(\\d\\S*)\\s*\\(options\\b.*\\)\\s*\\[\\w\\]\\s*:?\\s*$',
            '^\\s*(?:nameserver|dns(?: server)?)\\s*:?\\s*(\\d[\\d.]*):? .*(?:\\bdelete|\\(d\\)elete|\\bremove)\\b.*\\?.*$',
          ],
          most: 32,
        },
        'another DNS server': {
          patterns: [
            '\\b(?:add|configure|enter)\\b.*\\b(?:new|another) (?:nameserver|dns(?: server)?)\\b.*\\?[^?]*$',
          ],
          most: 32,
        },
        'DNS server': {
          patterns: [
            '^\\s*(?:enter |new )*(?:the )?(?:nameserver|dns)[^\\n?]*(?:\\[[^\\]]*\\]\\s*)?[:>]\\s*$',
            '^\\s*(?:enter )?(?:ip )?address of the (?:nameserver|dns)[^\\n?]*[:>]\\s*$',
          ],
          most: 32,
        },
        'way of addressing': { patterns: ['\\bdhcp\\b[^\\n]*\\?[^\\n]*$'], answer: '{no}' },
        'proxy server': { patterns: ['\\bproxy server configuration\\b[^\\n]*\\?[^\\n]*$'], answer: '{no}' },
        'default gateway': {
          patterns: ['\\b(?:defaultrouter|default (?:gateway|router?)|dflt_gw)\\b[^\\n]*[:>]\\s*$'],
          answer: '{gateway}',
        },
        'separate netmask': {
          patterns: [
            '^\\s*(?:enter |new )*(?:the )?(?:subnet ?mask|netmask)\\b[^\\n]*[:>]\\s*$',
            '^(?!.*\\b(?:ip|address)\\b).*\\b(?:subnet ?mask|netmask)\\b[^\\n]*[:>]\\s*$',
          ],
          answer: '{netmask}',
        },
        'management address with netmask': {
          patterns: [
            '\\b(?:ifconfig_\\w+|management|mgmt)\\b[^\\n]*(?:netmask|cidr|prefix|\\/)[^\\n]*[:>]\\s*$',
          ],
          answer: '{cidr}',
        },
        'management address alone': {
          patterns: ['\\b(?:management|mgmt)\\b[^\\n]*\\b(?:ip|address)\\b[^\\n]*[:>]\\s*$'],
          answer: '{address}',
        },
        hostname: { patterns: ['\\bhost ?name\\b[^\\n?]*[:>]\\s*$'], answer: '{hostname}' },
        'whether to apply': {
          patterns: [
            '\\b(?:apply|save|commit|keep)\\b[^\\n]*\\b(?:changes|settings|configuration)\\b[^\\n]*\\?[^\\n]*$',
          ],
          answer: '{yes}',
        },
      },
      successes: [
        'successfully applied',
        '\\b(?:network )?(?:configuration|settings|changes)\\b.*\\b(?:applied|saved|updated|complete[d.]?)',
      ],
    },
    'snmp-admin-configure': { prompts: snmpUser() },
    'snmp-trap-configure': {
      prompts: {
        'kind of traps': {
          patterns: ['\\b(?:which|what|kind|type|version)\\b.*\\btraps?\\b[^\\n]*[:?>][^\\n]*$'],
          answer: 'v3',
        },
        ...snmpUser(),
        'trap receiver': {
          patterns: [
            '\\b(?:receiver|manager|destination|trap (?:ip|host|server|management|sink))\\b[^\\n]*[:>]\\s*$',
            '\\bip address of\\b[^\\n]*[:>]\\s*$',
          ],
          answer: '{receiver}',
        },
      },
    },
    'enable-ntpd': {
      prompts: {
        'NTP server that is there': {
          patterns: [
            '^\\s*(?:ntp ?server|server)\\s*:?\\s*(\\S+)\\s*\\(options\\b.*\\)\\s*\\[\\w\\]\\s*:?\\s*$',
            '^\\s*(?:ntp ?server|server)\\s*:?\\s*([\\w.-]+):? .*(?:\\bdelete|\\(d\\)elete|\\bremove)\\b.*\\?.*$',
          ],
          most: 32,
        },
        'another NTP server': {
          patterns: [
            '\\b(?:add|configure|enter)\\b.*\\b(?:new|another) (?:ntp ?server|server)\\b.*\\?[^?]*$',
          ],
          most: 32,
        },
        'NTP server': {
          patterns: [
            '^\\s*(?:enter |new )*(?:the )?(?:ntp ?server|server)[^\\n?]*(?:\\[[^\\]]*\\]\\s*)?[:>]\\s*$',
            '^\\s*(?:enter )?(?:ip )?address of the (?:ntp|time) ?server[^\\n?]*[:>]\\s*$',
          ],
          most: 32,
        },
        'whether to start ntpd': {
          patterns: ['\\bstart\\b[^\\n]*\\bntpd?\\b[^\\n]*\\?[^\\n]*$'],
          answer: '{yes}',
        },
      },
    },
    'enable-stdport': {
      prompts: {
        channel: { patterns: ['\\b(?:subcmd|channel)\\b[^\\n]*[:>]\\s*$'], answer: '{channel}', most: 1 },
      },
    },
    'disable-stdport': {
      prompts: {
        channel: { patterns: ['\\b(?:subcmd|channel)\\b[^\\n]*[:>]\\s*$'], answer: '{channel}', most: 1 },
      },
    },
  },
}

/** Both SNMP commands ask for a user in the same words. */
function snmpUser() {
  return {
    username: {
      patterns: ['\\buser ?name\\b[^\\n]*[:>]\\s*$', '\\bsnmp_user\\b[^\\n]*[:>]\\s*$'],
      answer: '{username}',
    },
    'password once more': {
      patterns: [
        '\\b(?:re-?type|re-?enter|confirm|verify|repeat)\\b[^\\n]*pass(?:word|phrase)[^\\n]*[:>]\\s*$',
      ],
      answer: '{password}',
    },
    'encryption method': {
      patterns: ['\\b(?:encrypt\\w*|priv\\w*|snmp_priv)\\b[^\\n]*\\b(?:des|aes)\\b[^\\n]*[:>?]\\s*$'],
      answer: '{privacy}',
    },
    'authentication protocol': {
      patterns: ['\\bauth\\w*[^\\n]*\\bmd5\\b[^\\n]*[:>?]\\s*$'],
      answer: '{authentication}',
    },
    password: {
      // A bare “Password:” is not for this password: something asks for the user’s own.
      patterns: ['^(?!\\s*password:?\\s*$|\\s*sudo\\b).*\\bpass(?:word|phrase)\\b[^\\n]*[:>]\\s*$'],
      answer: '{password}',
    },
  }
}
