Console.WriteLine("polling");
