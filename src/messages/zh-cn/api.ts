import type { api as english } from '../en/api.ts';

export const api = {
  'api.contentRefused': '平台的内容过滤拒绝了请求（{said}）。请不要委派这项工作。',
  'api.contentCut': '平台的内容过滤截断了回答。请不要委派这项工作。',
  'api.noQuota': 'Kimi 账户的额度已用完（{said}）。请在平台控制台充值；重试没有用。',
  'api.dailyTokens': '账户今天的 token 额度已用完（{said}）。请明天再试，或提升账户等级。',
  'api.forbidden': '接口 {endpoint} 不允许此密钥使用 {model}（{said}）。请检查密钥的权限和模型。',
  'api.refused': '接口 {endpoint} 拒绝了请求（{status}：{said}）。请检查接口地址和模型；如果都正确，请将此作为本程序的缺陷报告。',
  'api.webPage': '接口 {endpoint} 返回的是网页，而不是模型的回答。请检查接口地址（通常以 /v1 结尾）；若所在网络需要登录，请先登录。',
  'api.redirect':
    '接口 {endpoint} 将请求转到另一个地址，而未经你设置的地址不会收到任何内容。如果该地址无误，请将 KIMI_BASE_URL 设为 {target}。',
  'api.proxyPassword': '代理要求密码（407）。请写入 HTTPS_PROXY：http://user:password@host:port，特殊字符写成 %40 之类的形式。',
  'api.proxyVariable': '{variable} 的值是 {value}，不是可用的代理：可以用 http://host:port、https://host:port 或 socks5h://host:port。',
  'api.certificate': '接口的证书不受信任（{code}）。如果使用公司代理，请把 NODE_EXTRA_CA_CERTS 设为其 CA 文件。',
  'api.keyCharacters': 'Kimi 密钥含有密钥中不会出现的字符（换行、引号或其他文字）。请重新输入。',
  'api.subscriptionKey':
    '{endpoint} 拒绝了密钥：以 "sk-kimi-" 开头的是 Kimi 订阅密钥，开放平台不接受它，它自己的接口也不接受通用智能体。请在 platform.moonshot.cn 或 platform.moonshot.ai 创建平台密钥。',
  'api.keyRefused': '{endpoint} 拒绝了此密钥（401）。请检查密钥是否完整，以及是否已被撤销。',
  'api.keyOfOtherPlatform':
    '{endpoint} 拒绝了此密钥（401）。请检查密钥是否完整，以及是否已被撤销。另一个平台的密钥在此不可用：如果是那样，请将接口地址设为 {other}。',
  'api.modelGone':
    '接口 {endpoint} 没有此地址，或此密钥没有模型 {model}（{said}）。该模型可能已下线，或需充值后才能使用：请将 KIMI_MODEL 设为服务商控制台中列出的模型。',
  'api.modelFollowed':
    '接口 {endpoint} 不再向此密钥提供模型 {model}（{said}）：该模型已下线，或不对此密钥开放。此密钥可以使用其后继模型 {models}（最接近的在前）：请将 {setting} 设为其中之一。',
  'api.modelClosed':
    '接口 {endpoint} 不向此密钥提供模型 {model}（{said}）：该模型已下线，或不对此密钥开放。此密钥可以使用 {models}：请将 {setting} 设为其中之一。',
  'api.modelUnknown': '接口 {endpoint} 没有名为 {model} 的模型（{said}）。请检查 {setting} 的拼写；此密钥可以使用 {models}。',
  'api.notFound': '接口 {endpoint} 没有此地址，或此密钥没有模型 {model}（{said}）。请检查接口地址和模型。',
  'api.notFoundNoVersion':
    '接口 {endpoint} 没有此地址，或此密钥没有模型 {model}（{said}）。请检查接口地址：大多以 /v1 结尾（{suggestion}）。',
  'api.noKey':
    '没有找到 Kimi API 密钥。请在 VS Code 中运行“Kimi Delegate: 设置向导…”（须打开此仓库的窗口并信任其文件夹），或通过服务器环境变量 KIMI_API_KEY 或文件 ~/.claude-kimi-mcp/.env 提供（密钥：https://platform.moonshot.cn 或 https://platform.moonshot.ai）。',

  'api.overloaded': '平台过载（{said}）',
  'api.rateLimited': '平台限制了请求频率（{said}）',
  'api.answered': '平台返回了 {status}（{said}）',
  'api.connectionFailed': '连接失败（{said}）',
  'api.noData': '{seconds} 秒内没有收到数据',
  'api.answerBrokeOff': '回答尚未完成就结束了',
  'api.connectionError': '连接错误',
  'api.streamBroke': '数据流中断',
  'api.gaveUp.rate': '{why}；请求了 {times}后放弃。请稍后继续执行：尝试会从停下的地方继续。',
  'api.gaveUp.reach': '{why}；尝试了 {times}后放弃。请检查网络和接口地址，或稍后继续执行：尝试会从停下的地方继续。',
  'times.one': '1 次',
  'times.many': '{count} 次',

  'log.slowTier': '此 Kimi 账户每分钟可发送 {requests} 次请求，因此 {steps} 步可能需要 {minutes} 分钟。充值可提升账户等级。',
  'log.oddUsage': '平台返回的 token 用量与内容大小不符，不可能正确：改按大小估算。',
  'log.noUsage': '平台返回的回答没有 token 用量：改按大小估算。',
  'log.coldCache': '这次请求的开头与上一次相同，但平台没有命中缓存：这一步的费用最多高达六倍。',
  'log.fieldRefused': '服务器不接受 {field}；请求将不再带有它。',
  'log.shorterAnswers': '服务器允许的回答为 {most} 个 token，少于请求的 {asked} 个。',
  'log.listedWindow': '根据服务器的模型列表，{model} 接受 {listed} 个 token；此前假定为 {assumed} 个。',
  'log.smallerWindow': '服务器的一次请求接受 {tokens} 个 token，少于此前假定的 {assumed} 个。',
  'log.answerCut': '回答因达到输出上限而被截断（连续 {times} 次）；保留 {kept} 个完整的调用，其余重新请求。',
  'log.answerRepeated': '回答只是重复自身，已被停止（连续 {times} 次）；保留 {kept} 个完整的调用，其余重新请求。',
  'log.emptyAnswer': '模型的回答既没有文字，也没有工具调用（连续 {times} 次）。',
  'log.callAsText': '模型的工具调用以文字形式返回，没有执行（连续 {times} 次）。',
  'log.callWithoutName': '模型的工具调用没有名称，没有执行（连续 {times} 次）。',
  'log.sentBack': '执行者未调用 finish 就停下；已退回：{objection}',
  'log.reminded': '已提醒执行者：{reminder}',
  'log.toolThrew': '工具 {tool} 抛出错误：{said}',
  'log.changesUnknown': '无法查看改动的内容：{said}',
  'log.cleaningUp': '清理时出错：{said}',
  'log.repeatsRemoved': '已从对话中去掉 {steps} 个只是重复的步骤。',
  'log.compacted': '对话已替换为交接说明（{why}）：从 {before} 字节变为 {after} 字节。',
  'log.leftOut': '对话中 {results} 个不再需要的结果已略去：从 {before} 字节变为 {after} 字节。',
  'log.compacted.window': '上下文窗口将满',
  'log.compacted.cost': '缩短后费用更低',
  'log.compacted.overflow': '服务器认为过大而拒绝',
} satisfies Record<keyof typeof english, string>;
