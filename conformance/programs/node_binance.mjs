/**
 * `binance` for Node.js: every USD-M method of its REST client, its WebSocket API client, and its streams.
 *
 * Another language, another HTTP client, another way to sign. Told an address and a key, as its users would.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.NODE_PACKAGES}/package.json`);
const { USDMClient, WebsocketClient, WebsocketAPIClient } = require('binance');

const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const SYMBOL = 'BTCUSDT';
const OTHER = 'ETHUSDT';
const HEARD_WITHIN_MS = 10_000;
const HOUR_MS = 3_600_000;
const ELSEWHERE = /Broker|Blvt/;
const quiet = { trace() {}, info() {}, error: (...words) => console.error(...words) };
const keys = { api_key: told.key, api_secret: told.secret };

const rest = new USDMClient({ ...keys, baseUrl: told.url });
const called = new Set();

function tell(check, outcome, reason = '') {
  const short = String(reason).replace(/\s+/g, ' ').slice(0, 300);
  process.stdout.write(`${JSON.stringify({ check, outcome, reason: short })}\n`);
}

function said(error) {
  return error?.code ? `${error.code}: ${error.message ?? error.body?.msg}` : (error?.message ?? JSON.stringify(error));
}

/** Make one attempt and tell how it went; the answer, or an empty object. */
async function check(name, attempt) {
  try {
    const answer = await attempt();
    tell(name, 'passed');
    return answer;
  } catch (error) {
    tell(name, 'failed', said(error));
    return {};
  }
}

/** Call one REST method as a check of its own. */
async function call(method, ...words) {
  const label = called.has(method) ? `rest ${method} again` : `rest ${method}`;
  called.add(method);
  return check(label, async () => {
    const answer = await rest[method](...words);
    if (answer === undefined || answer === null) throw new Error('no answer');
    return answer;
  });
}

function ensure(held, otherwise) {
  if (!held) throw new Error(otherwise);
}

async function prices() {
  const mark = Number((await rest.getMarkPrice({ symbol: SYMBOL })).markPrice);
  return [(mark * 0.9).toFixed(1), (mark * 1.1).toFixed(1)].map(Number);
}

async function market() {
  for (const method of [
    'testConnectivity', 'getServerTime', 'getExchangeInfo', 'getMarkPrice', 'getFundingRates', 'get24hrChangeStatistics',
    'getSymbolPriceTicker', 'getSymbolPriceTickerV2', 'getSymbolOrderBookTicker', 'getCompositeSymbolIndex',
    'getMultiAssetsModeAssetIndex', 'getInsuranceFundBalance', 'getTradingSchedule', 'getSymbolAdlRisk', 'getAllConvertPairs',
  ]) {
    if (method in rest) await call(method);
  }
  const symbol = SYMBOL;
  for (const method of [
    'getOrderBook', 'getRecentTrades', 'getHistoricalTrades', 'getAggregateTrades', 'getOpenInterest',
    'getFundingRateHistory', 'getIndexPriceConstituents', 'get24hrChangeStatististics', 'getRpiOrderBook',
  ]) {
    if (method in rest) await call(method, method === 'getRpiOrderBook' ? { symbol, limit: 1000 } : { symbol });
  }
  for (const method of ['getKlines', 'getMarkPriceKlines', 'getPremiumIndexKlines'])
    await call(method, { symbol, interval: '1m', limit: 5 });
  await call('getIndexPriceKlines', { pair: symbol, interval: '1m', limit: 5 });
  await call('getContinuousContractKlines', { pair: symbol, contractType: 'PERPETUAL', interval: '1m', limit: 5 });
  for (const method of [
    'getOpenInterestStatistics', 'getTopTradersLongShortPositionRatio', 'getTopTradersLongShortAccountRatio',
    'getGlobalLongShortAccountRatio', 'getTakerBuySellVolume',
  ])
    await call(method, { symbol, period: '5m', limit: 3 });
  await call('getBasis', { pair: symbol, contractType: 'PERPETUAL', period: '5m', limit: 3 });
  await call('getQuarterlyContractSettlementPrices', { pair: symbol });
}

async function account() {
  await call('setLeverage', { symbol: SYMBOL, leverage: 10 });
  await rest.submitNewOrder({ symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: 0.01 });
  for (const method of [
    'getBalance', 'getBalanceV3', 'getAccountInformation', 'getAccountInformationV3', 'getFuturesAccountConfig', 'getPositions',
    'getPositionsV3', 'getADLQuantileEstimation', 'getMultiAssetsMode', 'getCurrentPositionMode', 'getIncomeHistory',
    'getApiQuantitativeRulesIndicators', 'getUserForceOrders', 'getForceOrders', 'getBNBBurnStatus', 'getOrderRateLimit',
    'getFuturesSymbolConfig', 'getNotionalAndLeverageBrackets', 'signTradFiPerpsAgreement',
  ]) {
    if (method in rest) await call(method, ...(method === 'getFuturesSymbolConfig' ? [{ symbol: SYMBOL }] : []));
  }
  await call('getAccountCommissionRate', { symbol: SYMBOL });
  await call('getAccountTrades', { symbol: SYMBOL });
  await call('getPortfolioMarginProAccountInfo', { asset: 'USDT' });
  await rest.submitNewOrder({ symbol: SYMBOL, side: 'SELL', type: 'MARKET', quantity: 0.01, reduceOnly: 'true' });
  const span = { startTime: Date.now() - HOUR_MS, endTime: Date.now() };
  for (const [ask, link] of [
    ['getFuturesTransactionHistoryDownloadId', 'getFuturesTransactionHistoryDownloadLink'],
    ['getFuturesOrderHistoryDownloadId', 'getFuturesOrderHistoryDownloadLink'],
    ['getFuturesTradeHistoryDownloadId', 'getFuturesTradeDownloadLink'],
  ]) {
    const { downloadId = '0' } = await call(ask, span);
    await call(link, { downloadId });
  }
}

async function orders() {
  const [low] = await prices();
  const resting = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01, price: low };
  await call('testOrder', resting);
  const { orderId } = await call('submitNewOrder', resting);
  for (const method of ['getOrder', 'getCurrentOpenOrder']) await call(method, { symbol: SYMBOL, orderId });
  await call('getAllOpenOrders', { symbol: SYMBOL });
  await call('modifyOrder', { symbol: SYMBOL, orderId, side: 'BUY', quantity: 0.02, price: low });
  await call('getOrderModifyHistory', { symbol: SYMBOL, orderId });
  await call('cancelOrder', { symbol: SYMBOL, orderId });
  await call('getAllOrders', { symbol: SYMBOL });
  const row = { ...resting, quantity: '0.01', price: String(low) };
  const placed = await call('submitMultipleOrders', [row, row]);
  const numbers = Array.isArray(placed) ? placed.map((one) => one.orderId).filter(Boolean) : [];
  const changes = numbers.map((id) => ({ symbol: SYMBOL, side: 'BUY', orderId: id, quantity: '0.02', price: String(low) }));
  await call('modifyMultipleOrders', changes);
  await call('cancelMultipleOrders', { symbol: SYMBOL, orderIdList: numbers });
  await call('setCancelOrdersOnTimeout', { symbol: SYMBOL, countdownTime: 0 });
  await call('cancelAllOpenOrders', { symbol: SYMBOL });
  const stop = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type: 'STOP_MARKET', quantity: '0.01' };
  const { algoId } = await call('submitNewAlgoOrder', { ...stop, triggerPrice: String(low) });
  await call('getAlgoOrder', { algoId });
  await call('getOpenAlgoOrders', { symbol: SYMBOL });
  await call('cancelAlgoOrder', { algoId });
  await call('getAllAlgoOrders', { symbol: SYMBOL });
  await call('cancelAllAlgoOpenOrders', { symbol: SYMBOL });
}

async function modes() {
  await call('setMarginType', { symbol: OTHER, marginType: 'ISOLATED' });
  await rest.submitNewOrder({ symbol: OTHER, side: 'BUY', type: 'MARKET', quantity: 0.1 });
  await call('setIsolatedPositionMargin', { symbol: OTHER, amount: 10, type: '1' });
  await call('getPositionMarginChangeHistory', { symbol: OTHER });
  await rest.submitNewOrder({ symbol: OTHER, side: 'SELL', type: 'MARKET', quantity: 0.1, reduceOnly: 'true' });
  await rest.setMarginType({ symbol: OTHER, marginType: 'CROSSED' });
  for (const on of ['true', 'false']) await call('setPositionMode', { dualSidePosition: on });
  for (const on of ['true', 'false']) await call('setMultiAssetsMode', { multiAssetsMargin: on });
  await call('setBNBBurnEnabled', { feeBurn: 'true' });
  for (const method of ['getFuturesUserDataListenKey', 'keepAliveFuturesUserDataListenKey', 'closeFuturesUserDataListenKey'])
    await call(method);
  const quote = await call('submitConvertQuoteRequest', { fromAsset: 'USDT', toAsset: 'BNB', fromAmount: 20 });
  await call('acceptConvertQuote', { quoteId: quote.quoteId ?? '0' });
  await call('getConvertOrderStatus', { quoteId: quote.quoteId ?? '0' });
}

/** A method that nobody called is a failure, unless it is of another product. */
function tellWhatWasLeft() {
  for (const method of Object.getOwnPropertyNames(USDMClient.prototype)) {
    if (!/^(get|set|submit|cancel|modify|test|keepAlive|close|accept|sign)[A-Z0-9]/.test(method) || called.has(method)) continue;
    if (ELSEWHERE.test(method)) tell(`rest ${method}`, 'not applicable', 'is about another product than USD-M futures');
    else if (!/WsKey|Options|ClientType|RequestUrl|BaseUrl/.test(method)) tell(`rest ${method}`, 'failed', 'nothing here calls it');
  }
}

async function refusals() {
  for (const [name, order, code] of [
    ['a quantity finer than the step', { quantity: 1.00001 }, -1111],
    ['too little notional', { symbol: OTHER, quantity: 0.001 }, -4164],
    ['more than the margin', { quantity: 100 }, -2019],
    ['reduce-only with nothing held', { quantity: 0.01, reduceOnly: 'true' }, -2022],
    ['a symbol nobody lists', { symbol: 'NOSUCHUSDT', quantity: 1 }, -1121],
  ]) {
    await check(`refused: ${name}`, async () => {
      try {
        await rest.submitNewOrder({ symbol: SYMBOL, side: 'BUY', type: 'MARKET', ...order });
      } catch (error) {
        return ensure(error.code === code, `${error.code} and not ${code}`);
      }
      throw new Error('it was taken');
    });
  }
}

/** Resolve with the first message that `wanted` accepts. */
function heard(client, wanted) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`nothing was heard within ${HEARD_WITHIN_MS / 1000} s`)), HEARD_WITHIN_MS);
    client.on('message', (message) => {
      const data = message?.data ?? message;
      if (!wanted(data, message)) return;
      clearTimeout(late);
      resolve(data);
    });
  });
}

async function streams() {
  const client = new WebsocketClient({ ...keys, wsUrl: told.streams, restOptions: { baseUrl: told.url } }, quiet);
  client.on('exception', (error) => console.error('exception', error));
  const of = (kind) => (data) => (Array.isArray(data) ? data[0]?.e : data?.e) === kind;
  const open = [
    ['subscribeAggregateTrades', [SYMBOL, 'usdm'], of('aggTrade')],
    ['subscribeMarkPrice', [SYMBOL, 'usdm', 1000], of('markPriceUpdate')],
    ['subscribeAllMarketMarkPrice', ['usdm', 1000], (data) => Array.isArray(data) && data[0]?.e === 'markPriceUpdate'],
    ['subscribeKlines', [SYMBOL, '1m', 'usdm'], of('kline')],
    ['subscribeContinuousContractKlines', [SYMBOL, 'perpetual', '1m', 'usdm'], of('continuous_kline')],
    ['subscribeSymbolMini24hrTicker', [SYMBOL, 'usdm'], of('24hrMiniTicker')],
    ['subscribeAllMini24hrTickers', ['usdm'], (data) => Array.isArray(data) && data[0]?.e === '24hrMiniTicker'],
    ['subscribeSymbol24hrTicker', [SYMBOL, 'usdm'], of('24hrTicker')],
    ['subscribeAll24hrTickers', ['usdm'], (data) => Array.isArray(data) && data[0]?.e === '24hrTicker'],
    ['subscribeSymbolBookTicker', [SYMBOL, 'usdm'], of('bookTicker')],
    ['subscribeAllBookTickers', ['usdm'], of('bookTicker')],
    ['subscribePartialBookDepths', [SYMBOL, 5, 100, 'usdm'], (data) => data?.e === 'depthUpdate' && data.b.length <= 5],
    ['subscribeDiffBookDepth', [OTHER, 100, 'usdm'], (data) => data?.e === 'depthUpdate' && data.s === OTHER],
  ];
  for (const [method, words, wanted] of open) {
    if (!(method in client)) {
      tell(`stream ${method}`, 'not applicable', 'this client has no such method');
      continue;
    }
    await check(`stream ${method}`, async () => {
      const first = heard(client, wanted);
      client[method](...words);
      return first;
    });
  }
  await check('stream subscribeUsdFuturesUserDataStream', async () => {
    await client.subscribeUsdFuturesUserDataStream('usdmPrivate');
    const filled = heard(client, (data) => data?.e === 'ORDER_TRADE_UPDATE' && data.o.X === 'FILLED');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { orderId } = await rest.submitNewOrder({ symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: 0.01 });
    const event = await filled;
    ensure(event.o.i === orderId, `${event.o.i} heard, ${orderId} placed`);
    await rest.submitNewOrder({ symbol: SYMBOL, side: 'SELL', type: 'MARKET', quantity: 0.01 });
  });
  client.closeAll(true);
}

async function socketApi() {
  const api = new WebsocketAPIClient({ ...keys, wsUrl: told.streams, attachEventListeners: false }, quiet);
  const ask = (method, ...words) =>
    check(`ws-api ${method}`, async () => {
      const answer = await Promise.race([
        api[method](...words),
        new Promise((_, reject) => setTimeout(() => reject(new Error('no answer in time')), HEARD_WITHIN_MS)),
      ]);
      ensure(answer?.status === 200, JSON.stringify(answer?.error ?? answer));
      return answer.result;
    });
  const [low] = await prices();
  await ask('getFuturesOrderBook', { symbol: SYMBOL, limit: 5 });
  for (const method of ['getFuturesSymbolPriceTicker', 'getFuturesSymbolOrderBookTicker']) await ask(method, { symbol: SYMBOL });
  const now = () => ({ timestamp: Date.now() });
  for (const method of ['getFuturesAccountBalance', 'getFuturesAccountBalanceV2', 'getFuturesAccountStatus', 'getFuturesAccountStatusV2', 'getFuturesPositionV2', 'getFuturesPosition'])
    if (method in api) await ask(method, ...(method.endsWith('V2') ? [now()] : ['usdm', now()]));
  const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01, price: low, ...now() };
  const { orderId } = await ask('submitNewFuturesOrder', 'usdm', order);
  await ask('modifyFuturesOrder', 'usdm', { symbol: SYMBOL, orderId, side: 'BUY', quantity: 0.02, price: low, ...now() });
  await ask('getFuturesOrderStatus', 'usdm', { symbol: SYMBOL, orderId, ...now() });
  await ask('cancelFuturesOrder', 'usdm', { symbol: SYMBOL, orderId, ...now() });
  const stop = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type: 'STOP_MARKET', quantity: 0.01, triggerPrice: low, ...now() };
  const { algoId } = await ask('submitNewFuturesAlgoOrder', stop);
  await ask('cancelFuturesAlgoOrder', { algoId, ...now() });
  api.getWSClient().closeAll(true);
}

for (const part of [market, account, orders, modes, refusals, streams, socketApi]) {
  await check(`the part "${part.name}" ran to its end`, part);
}
tellWhatWasLeft();
process.exit(0);
