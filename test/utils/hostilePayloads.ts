/** What somebody may write who wants a page to run it. */
export type HostilePayload = {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it would act on a page that does not escape: the control must catch it. */
  readonly acts: boolean;
};

const payload = (name: string, text: string, acts = true): HostilePayload => ({ name, bytes: new TextEncoder().encode(text), acts });

export const hostilePayloads: readonly HostilePayload[] = [
  payload('script', '<script>window.pwned=1</script>'),
  payload('script from elsewhere', '<script src="https://evil.example/x.js"></script>'),
  payload('script of a module', '<script type="module">window.pwned=1</script>'),
  payload('image that fails', '<img src=x onerror="window.pwned=1">'),
  payload('image from elsewhere', '<img src="https://evil.example/pixel.png">'),
  payload('svg with a handler', '<svg onload="window.pwned=1"></svg>'),
  payload('svg with a script', '<svg><script>window.pwned=1</script></svg>'),
  payload('svg that animates', '<svg><animate onbegin="window.pwned=1" attributeName="x" dur="1s"></animate></svg>'),
  payload('handler of a body', '<body onload="window.pwned=1">', false),
  payload('details that open', '<details open ontoggle="window.pwned=1"><summary>x</summary></details>'),
  payload('field that takes the focus', '<input autofocus onfocus="window.pwned=1">'),
  payload('style that animates', '<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart="window.pwned=1">x</b>'),
  payload('style from elsewhere', '<link rel="stylesheet" href="https://evil.example/x.css">'),
  payload('style that covers the page', '<style>*{display:none!important}</style>'),
  payload('frame of another page', '<iframe src="https://evil.example/"></iframe>'),
  payload('frame of a script', '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>'),
  payload('javascript: address', 'javascript:window.pwned=1', false),
  payload('link to javascript:', '<a href="javascript:window.pwned=1" id="trap">click</a>', false),
  payload('end of an attribute', '"><script>window.pwned=1</script>'),
  payload('end of an attribute, single', "'><script>window.pwned=1</script>"),
  payload('another attribute', '" onmouseover="window.pwned=1" autofocus onfocus="window.pwned=1" x="', false),
  payload('end of a script', '</script><script>window.pwned=1</script>'),
  payload('end of a title, style and comment', '--></title></style></textarea><script>window.pwned=1</script>'),
  payload('end of a JSON string', '"}</script><script>window.pwned=1</script>{"x":"'),
  payload('template', '$' + '{window.pwned=1}{{constructor.constructor("window.pwned=1")()}}', false),
  payload(
    'form that sends elsewhere',
    '<form action="https://evil.example/" id="trap"><button>go</button></form><meta http-equiv="refresh" content="0;url=https://evil.example/">',
  ),
  payload('base of all links', '<base href="https://evil.example/">', false),
  payload('text that runs backwards', '\u202e<script>window.pwned=1</script>\u2066'),
  payload('long', `${'A'.repeat(290)}<script>window.pwned=1</script>${'A'.repeat(1_500)}`, false),
  {
    name: 'NUL and no UTF-8',
    bytes: Uint8Array.from([0, 0xff, 0xfe, 0xc0, 0x80, ...new TextEncoder().encode('<script>window.pwned=1</script>\0')]),
    acts: true,
  },
];
