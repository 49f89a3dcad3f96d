// Logs in, subscribes, trades and tells on its last line what it saw. Argument: the venue's greeting.
const signalR = require("@microsoft/signalr");

const venue = JSON.parse(process.argv[2]);
const seen = { accounts: [], orders: [], positions: [], trades: [], quotes: [], reconnected: false };
const waiting = [];

function noticed() {
  for (const wait of [...waiting]) {
    if (wait.condition()) {
      waiting.splice(waiting.indexOf(wait), 1);
      wait.resolve();
    }
  }
}

function until(what, condition) {
  if (condition()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    waiting.push({ condition, resolve });
    setTimeout(() => reject(new Error(`never saw ${what}`)), 20000).unref();
  });
}

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const reply = await fetch(venue.api + path, { method: "POST", headers, body: JSON.stringify(body) });
  return reply.json();
}

function hub(url, token, skipNegotiation) {
  return new signalR.HubConnectionBuilder()
    .withUrl(url, {
      skipNegotiation,
      transport: signalR.HttpTransportType.WebSockets,
      accessTokenFactory: () => token,
      timeout: 10000,
    })
    .withAutomaticReconnect([50, 100, 500])
    .configureLogging(signalR.LogLevel.Error)
    .build();
}

async function main() {
  const { token } = await post("/api/Auth/loginKey", { userName: venue.username, apiKey: venue.api_key });
  const accountId = venue.accounts[0].id;
  const { contracts } = await post("/api/Contract/available", { live: false }, token);
  const contractId = contracts.find((contract) => contract.name.startsWith("MNQ")).id;

  const user = hub(venue.user_hub, token, false);
  const market = hub(venue.market_hub, token, true);
  user.on("GatewayUserAccount", (event) => { seen.accounts.push(event); noticed(); });
  user.on("GatewayUserOrder", (event) => { seen.orders.push(event); noticed(); });
  user.on("GatewayUserPosition", (event) => { seen.positions.push(event); noticed(); });
  user.on("GatewayUserTrade", (event) => { seen.trades.push(event); noticed(); });
  market.on("GatewayQuote", (contract, quote) => { seen.quotes.push([contract, quote]); noticed(); });
  const subscribe = async () => {
    await user.invoke("SubscribeAccounts");
    await user.invoke("SubscribeOrders", accountId);
    await user.invoke("SubscribePositions", accountId);
    await user.invoke("SubscribeTrades", accountId);
  };
  user.onreconnected(async () => { await subscribe(); seen.reconnected = true; noticed(); });

  await user.start();
  await subscribe();
  await market.start();
  await market.invoke("SubscribeContractQuotes", contractId);
  await until("a full and a sparse quote", () => seen.quotes.length >= 2);

  await post("/api/Order/place", { accountId, contractId, type: 2, side: 0, size: 2, customTag: "js" }, token);
  await until("the entry's fill", () => seen.orders.some((event) => event.data.status === 2));
  await until("the entry's trade", () => seen.trades.length >= 1);
  await until("the open position", () => seen.positions.some((event) => event.data.size === 2));

  await post("/control/hub", { hub: "user", deed: "close" });
  await until("the way back", () => seen.reconnected);

  await post("/api/Position/closeContract", { accountId, contractId }, token);
  await until("the position's end", () => seen.positions.some((event) => event.action === 2));
  await until("the closing trade", () => seen.trades.some((event) => "profitAndLoss" in event.data));
  await user.stop();
  await market.stop();
  console.log(JSON.stringify({ contractId, ...seen }));
}

main().then(
  () => process.exit(0),
  (error) => { console.error(String(error)); process.exit(1); },
);
